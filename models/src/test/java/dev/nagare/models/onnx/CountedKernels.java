package dev.nagare.models.onnx;

import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.PreparedKernels;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Kernels that count how many are prepared.
 *
 * @param made receives it
 */
record CountedKernels(AtomicInteger made) {

  Kernels kernels(Kernels kernels) {
    PreparedKernels prepared =
        WatchedAttention.proxy(
            PreparedKernels.class,
            (method, arguments) -> {
              Object one = WatchedAttention.call(kernels.prepared(), method, arguments);
              if (one instanceof PreparedKernel) {
                made.incrementAndGet();
              }
              return one;
            });
    return WatchedAttention.proxy(
        Kernels.class,
        (method, arguments) ->
            method.getName().equals("prepared")
                ? prepared
                : WatchedAttention.call(kernels, method, arguments));
  }
}
