package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Matrices.random;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Once compiled, a step leaves nothing on the heap. */
class KernelAllocationTest {
  /** A block of calls may fall into a recompilation; one of many must be clean. */
  private static final int BLOCKS = 400;

  private static final int CALLS = 100;

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void aSteadyTrainingStepAllocatesNothing(String provider) {
    Kernels kernels = KernelProviders.byName(provider).kernels();
    SplittableRandom random = new SplittableRandom(3);
    try (Scope scope = new Scope(1 << 20)) {
      Tensor x = random(scope, DType.F32, random, 1, 8, 4);
      Tensor weightIh = random(scope, DType.F32, random, 1, 4, 128);
      Tensor weightHh = random(scope, DType.F32, random, 0.2, 32, 128);
      Tensor bias = random(scope, DType.F32, random, 1, 128);
      Tensor gates = scope.zeros(DType.F32, Shape.of(1, 8, 128));
      Tensor flat = gates.reshape(8, 128);
      Tensor h0 = scope.zeros(DType.F32, Shape.of(1, 32));
      Tensor c0 = scope.zeros(DType.F32, Shape.of(1, 32));
      Tensor h = scope.zeros(DType.F32, Shape.of(1, 8, 32));
      Tensor c = scope.zeros(DType.F32, Shape.of(1, 8, 32));
      Tensor dh = random(scope, DType.F32, random, 1, 1, 8, 32);
      Tensor dWeightHh = scope.zeros(DType.F32, weightHh.shape());
      Tensor dWeightIh = scope.zeros(DType.F32, weightIh.shape());
      Tensor dh0 = scope.zeros(DType.F32, h0.shape());
      Tensor dc0 = scope.zeros(DType.F32, c0.shape());
      Tensor m = scope.zeros(DType.F32, weightHh.shape());
      Tensor v = scope.zeros(DType.F32, weightHh.shape());
      Tensor head = random(scope, DType.F32, random, 1, 32, 4);
      Tensor forecast = scope.zeros(DType.F32, Shape.of(1, 4));
      Tensor last = h.reshape(8, 32).narrow(7, 1);
      Kernels.AdamStep step = new Kernels.AdamStep(1e-4, 0.9, 0.999, 1e-8, 0.1, 0.01, 1);
      Runnable training =
          () -> {
            kernels.matmul(x, false, weightIh, false, bias, flat, false);
            kernels.lstmForward(gates, weightHh, h0, c0, h, c);
            kernels.matmul(last, false, head, false, null, forecast, false);
            kernels.lstmBackward(gates, weightHh, h0, c0, h, c, dh, dWeightHh, dh0, dc0);
            kernels.matmul(x, true, flat, false, null, dWeightIh, true);
            kernels.addColumnSums(flat, bias);
            kernels.sumOfSquares(dWeightHh);
            kernels.adam(weightHh, dWeightHh, m, v, step);
            kernels.scale(0.1, dWeightHh);
            kernels.scale(0.1, dWeightIh);
            kernels.scale(0, dc0);
          };
      assertThat(leastPerCall(training)).isLessThan(16);
    }
  }

  /** Bytes per call in the cleanest block. */
  private static long leastPerCall(Runnable call) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int block = 0; block < BLOCKS && least >= CALLS; block++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        call.run();
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    return least / CALLS;
  }
}
