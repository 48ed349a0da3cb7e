/**
 * Tensors as bytes.
 *
 * <p>Read {@link dev.nagare.io.TensorBytes} first.
 */
@NullMarked
package dev.nagare.io;

import org.jspecify.annotations.NullMarked;
