/** Tensors and the memory they live in. */
@NullMarked
package dev.nagare.tensor;

import org.jspecify.annotations.NullMarked;
