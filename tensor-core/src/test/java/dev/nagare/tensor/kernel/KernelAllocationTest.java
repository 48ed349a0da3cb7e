package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Matrices.random;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.nagare.tensor.ChildJvm;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Once compiled, a step leaves nothing on the heap. */
class KernelAllocationTest {

  @ParameterizedTest
  @CsvSource({"scalar, 32", "vector, 32", "onednn, 32"})
  void aSteadyTrainingStepAllocatesNothing(String provider, String hidden) throws Exception {
    assertThat(bytesPerStep(provider, hidden)).isLessThan(16);
  }

  @ParameterizedTest
  @CsvSource({"vector, 12, 64", "vector, 128, 33", "onednn, 12, 64", "onednn, 5, 32"})
  void whateverShapesRanBefore(String provider, String before, String hidden) throws Exception {
    assertThat(bytesPerStep(provider, before, hidden)).isLessThan(16);
  }

  private static long bytesPerStep(String... arguments) throws Exception {
    return Long.parseLong(ChildJvm.run(Measurement.class, arguments).getLast());
  }

  /** Arguments: provider, sizes of the hidden state; prints the bytes per step of each. */
  static final class Measurement {
    /** A block of calls may fall into a recompilation; one of many must be clean. */
    private static final int BLOCKS = 400;

    private static final int CALLS = 100;

    public static void main(String[] arguments) {
      Kernels kernels = KernelProviders.byName(arguments[0]).kernels();
      for (int i = 1; i < arguments.length; i++) {
        System.out.println(bytesPerStep(kernels, Integer.parseInt(arguments[i])));
      }
    }

    private static long bytesPerStep(Kernels kernels, int hidden) {
      int width = 4 * hidden;
      SplittableRandom random = new SplittableRandom(3);
      try (Scope scope = new Scope(1 << 22)) {
        Tensor x = random(scope, DType.F32, random, 1, 8, 4);
        Tensor weightIh = random(scope, DType.F32, random, 1, 4, width);
        Tensor weightHh = random(scope, DType.F32, random, 0.2, hidden, width);
        Tensor bias = random(scope, DType.F32, random, 1, width);
        Tensor gates = scope.zeros(DType.F32, Shape.of(1, 8, width));
        Tensor flat = gates.reshape(8, width);
        Tensor h0 = scope.zeros(DType.F32, Shape.of(1, hidden));
        Tensor c0 = scope.zeros(DType.F32, Shape.of(1, hidden));
        Tensor h = scope.zeros(DType.F32, Shape.of(1, 8, hidden));
        Tensor c = scope.zeros(DType.F32, Shape.of(1, 8, hidden));
        Tensor dh = random(scope, DType.F32, random, 1, 1, 8, hidden);
        Tensor dWeightHh = scope.zeros(DType.F32, weightHh.shape());
        Tensor dWeightIh = scope.zeros(DType.F32, weightIh.shape());
        Tensor dh0 = scope.zeros(DType.F32, h0.shape());
        Tensor dc0 = scope.zeros(DType.F32, c0.shape());
        Tensor m = scope.zeros(DType.F32, weightHh.shape());
        Tensor v = scope.zeros(DType.F32, weightHh.shape());
        Tensor head = random(scope, DType.F32, random, 1, hidden, 4);
        Tensor forecast = scope.zeros(DType.F32, Shape.of(1, 4));
        Tensor last = h.reshape(8, hidden).narrow(7, 1);
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
        return leastPerCall(training);
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
}
