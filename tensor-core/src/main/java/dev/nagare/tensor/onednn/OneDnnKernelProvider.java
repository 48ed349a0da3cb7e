package dev.nagare.tensor.onednn;

import dev.nagare.tensor.kernel.KernelProvider;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * oneDNN for what it does best, the vector (or scalar) kernels for the rest.
 *
 * <p>Available on Linux on x86-64 and arm64; elsewhere the provider says so.
 */
public final class OneDnnKernelProvider implements KernelProvider {
  private static @Nullable Kernels kernels;

  /** For the service loader. */
  public OneDnnKernelProvider() {}

  @Override
  public String name() {
    return "onednn";
  }

  @Override
  public Kernels kernels() {
    synchronized (OneDnnKernelProvider.class) {
      if (kernels == null) {
        Kernels rest = KernelProviders.firstOf(List.of("vector", "scalar")).kernels();
        kernels =
            AmpleStack.call(
                () -> {
                  NativeLibrary.open();
                  return new OneDnnKernels(rest);
                });
      }
      return kernels;
    }
  }
}
