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
import org.junit.jupiter.params.provider.ValueSource;

/** Once compiled, rows leave nothing on the heap, and attention no more than its few records. */
class SequenceAllocationTest {
  private static final long RECORDS = 4096;

  @ParameterizedTest
  @ValueSource(strings = {"vector", "onednn"})
  void steadyRowsAndAttentionLeaveNoVectorsOnTheHeap(String provider) throws Exception {
    long bytes = Long.parseLong(ChildJvm.run(Measurement.class, provider).getLast());
    assertThat(bytes).isLessThan(RECORDS);
  }

  /** Prints the bytes that a call of everything leaves, in the cleanest of many blocks. */
  static final class Measurement {
    private static final int BLOCKS = 300;
    private static final int CALLS = 20;

    public static void main(String[] arguments) {
      Kernels kernels = KernelProviders.byName(arguments[0]).kernels();
      SplittableRandom random = new SplittableRandom(3);
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      try (Scope scope = new Scope(1 << 22)) {
        Runnable call = calls(kernels, scope, random);
        long least = Long.MAX_VALUE;
        for (int block = 0; block < BLOCKS && least >= RECORDS * CALLS; block++) {
          long before = threads.getCurrentThreadAllocatedBytes();
          for (int i = 0; i < CALLS; i++) {
            call.run();
          }
          least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        System.out.println(least / CALLS);
      }
    }

    private static Runnable calls(Kernels kernels, Scope scope, SplittableRandom random) {
      Tensor x = random(scope, DType.F32, random, 1, 64, 128);
      Tensor y = scope.zeros(DType.F32, x.shape());
      Tensor normal = scope.zeros(DType.F32, x.shape());
      Tensor dx = scope.zeros(DType.F32, x.shape());
      Tensor gamma = random(scope, DType.F32, random, 1, 128);
      Tensor dGamma = scope.zeros(DType.F32, gamma.shape());
      Tensor dBeta = scope.zeros(DType.F32, gamma.shape());
      Tensor rstd = scope.zeros(DType.F32, Shape.of(64));
      Tensor packed = random(scope, DType.F32, random, 1, 2, 32, 192);
      Tensor slopes = scope.zeros(DType.F32, packed.shape());
      Tensor out = scope.zeros(DType.F32, Shape.of(2, 32, 64));
      Tensor weights = scope.zeros(DType.F32, Shape.of(2, 4, 32, 32));
      Tensor work = scope.zeros(DType.F32, Shape.of(2, 4, 32, 32));
      var form = new Attention.Form(4, 0.25, Attention.Mask.CAUSAL);
      var q = new Attention.Operand(packed, 0);
      var k = new Attention.Operand(packed, 64);
      var v = new Attention.Operand(packed, 128);
      var dq = new Attention.Operand(slopes, 0);
      var dk = new Attention.Operand(slopes, 64);
      var dv = new Attention.Operand(slopes, 128);
      return () -> {
        kernels.softmax().forward(x, y);
        kernels.softmax().backward(y, x, dx);
        kernels.softmax().logForward(x, y);
        kernels.softmax().logBackward(y, x, dx);
        kernels.layerNorm().forward(x, gamma, gamma, 1e-5, y, normal, rstd);
        kernels.layerNorm().backward(normal, rstd, gamma, x, dx);
        kernels.layerNorm().backwardParameters(normal, x, dGamma, dBeta);
        kernels.attention().forward(form, q, k, v, null, weights, work, out);
        kernels.attention().backward(form, q, k, v, null, weights, work, out, dq, dk, dv);
        kernels.scale(0, dx);
        kernels.scale(0, slopes);
      };
    }
  }
}
