@NullMarked
package dev.nagare.streaming.codec;

import org.jspecify.annotations.NullMarked;
