@NullMarked
package dev.nagare.server.replay;

import org.jspecify.annotations.NullMarked;
