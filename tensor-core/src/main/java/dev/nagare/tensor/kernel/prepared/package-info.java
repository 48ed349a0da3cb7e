/**
 * Kernels that are prepared once for fixed shapes, weights and lanes, and then run many times.
 *
 * <p>Read {@link dev.nagare.tensor.kernel.prepared.PreparedKernels} first. The other kernels take
 * any tensors at any time; these know what they will get, so that weights lie as they like them,
 * what follows an operation is done on its way out, and a run does nothing but run.
 */
@NullMarked
package dev.nagare.tensor.kernel.prepared;

import org.jspecify.annotations.NullMarked;
