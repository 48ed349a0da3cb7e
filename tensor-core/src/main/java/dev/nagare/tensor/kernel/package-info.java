/**
 * What a tensor core has to compute, and the plain-Java way to compute it.
 *
 * <p>Read {@link dev.nagare.tensor.kernel.Kernels} first. Every provider passes one conformance
 * suite; the scalar and the vector kernels here give the same bits.
 */
@NullMarked
package dev.nagare.tensor.kernel;

import org.jspecify.annotations.NullMarked;
