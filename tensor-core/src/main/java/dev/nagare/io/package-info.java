/**
 * Tensors as bytes.
 *
 * <p>Read {@link dev.nagare.io.Safetensors} first; {@link dev.nagare.io.TensorBytes} is for
 * checkpoints.
 */
@NullMarked
package dev.nagare.io;

import org.jspecify.annotations.NullMarked;
