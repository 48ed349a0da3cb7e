@NullMarked
package dev.nagare.server.models;

import org.jspecify.annotations.NullMarked;
