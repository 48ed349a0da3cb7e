package dev.nagare.tensor.kernel.prepared;

/**
 * Makes kernels for fixed shapes. Preparing costs up to milliseconds, so it is done off the lanes.
 */
public interface PreparedKernels {

  /**
   * A matrix product with what follows it.
   *
   * @throws dev.nagare.tensor.TensorException kind MISMATCH if the machine or the provider cannot,
   *     with the reason
   */
  PreparedKernel product(ProductSpec spec);
}
