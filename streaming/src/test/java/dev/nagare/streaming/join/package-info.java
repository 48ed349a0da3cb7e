@NullMarked
package dev.nagare.streaming.join;

import org.jspecify.annotations.NullMarked;
