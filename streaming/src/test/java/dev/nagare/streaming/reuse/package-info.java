@NullMarked
package dev.nagare.streaming.reuse;

import org.jspecify.annotations.NullMarked;
