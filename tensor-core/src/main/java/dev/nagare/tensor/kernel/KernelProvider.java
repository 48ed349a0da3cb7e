package dev.nagare.tensor.kernel;

/**
 * A source of kernels, found by {@link KernelProviders}; nobody names an implementation.
 *
 * <p>A provider that cannot work on this machine says why instead of failing at class load.
 */
public interface KernelProvider {

  /**
   * Name in configuration, logs and reports, such as {@code onednn}, {@code vector}, {@code
   * scalar}.
   */
  String name();

  /**
   * The kernels, loaded at the first call.
   *
   * @throws dev.nagare.tensor.TensorException kind NATIVE, with the remedy, if they cannot work
   *     here
   */
  Kernels kernels();
}
