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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Once compiled, families of kernels leave no vector on the heap.
 *
 * <p>Not held to it: of the vector provider the convolution's forward and the gradient of its
 * weights (7 and 1.2 KB in this size), functions of two strided operands that come after another
 * has run (21 KB), and powers (46 bytes an element).
 */
class FamilyAllocationTest {
  /** The record of one walk or two; a vector in each of the 72 rows would be 4608 bytes. */
  private static final long RECORDS = 128;

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void steadyCallsLeaveNoMoreThanARecord(String provider) throws Exception {
    List<String> lines = ChildJvm.run(Measurement.class, provider);
    assertThat(lines).hasSizeGreaterThan(10);
    assertThat(lines)
        .allMatch(line -> bytes(line) <= RECORDS, "leaves at most " + RECORDS + " bytes per call");
  }

  private static long bytes(String line) {
    return Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
  }

  /** Prints the name and the bytes per call of each family, in the cleanest of many blocks. */
  static final class Measurement {
    /** A block of calls may fall into a recompilation; one of many must be clean. */
    private static final int BLOCKS = 200;

    private static final int CALLS = 100;

    public static void main(String[] arguments) {
      Kernels kernels = KernelProviders.byName(arguments[0]).kernels();
      try (Scope scope = new Scope(1 << 22)) {
        calls(kernels, scope)
            .forEach((name, call) -> System.out.println(name + " " + leastPerCall(call)));
      }
    }

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

    private static Map<String, Runnable> calls(Kernels kernels, Scope scope) {
      SplittableRandom random = new SplittableRandom(3);
      Map<String, Runnable> calls = new LinkedHashMap<>();
      Tensor x = random(scope, DType.F32, random, 1, 2, 6, 6, 19);
      Tensor y = scope.zeros(DType.F32, x.shape());
      Tensor dx = scope.zeros(DType.F32, x.shape());
      for (Activations.Function f : Activations.Function.values()) {
        calls.put(f.op(), () -> kernels.activations().forward(f, x, y));
        calls.put(f.op() + "Backward", () -> kernels.activations().backward(f, x, y, dx));
      }
      calls.put("leakyRelu", () -> kernels.activations().leakyRelu(0.1, x, y));
      calls.put("leakyBackward", () -> kernels.activations().leakyReluBackward(0.1, x, y, dx));
      images(kernels, scope, random, x, y, dx, calls);
      Tensor row = random(scope, DType.F32, random, 1, 19);
      calls.put("add", () -> kernels.pointwise().binary(Pointwise.Function.ADD, x, row, y));
      calls.put(
          "slope", () -> kernels.pointwise().slope(Pointwise.Function.MUL, true, x, row, y, dx));
      calls.put("sqrt", () -> kernels.pointwise().unary(Pointwise.Single.SQRT, x, y));
      calls.put("clamp", () -> kernels.pointwise().clamp(-1, 1, x, y));
      Tensor sums = scope.zeros(DType.F32, Shape.of(19));
      Tensor lasts = scope.zeros(DType.F32, Shape.of(2, 6, 6, 1));
      calls.put("addSum", () -> kernels.reductions().addSum(1, x, sums));
      calls.put("addSumOfRows", () -> kernels.reductions().addSum(1, x, lasts));
      calls.put("extreme", () -> kernels.reductions().extreme(true, x, lasts));
      return calls;
    }

    private static void images(
        Kernels kernels,
        Scope scope,
        SplittableRandom random,
        Tensor x,
        Tensor y,
        Tensor dx,
        Map<String, Runnable> calls) {
      Window window = Window.of(3, 3).padding(1, 1);
      Tensor weight = random(scope, DType.F32, random, 1, 19, 19, 3, 3);
      Tensor dWeight = scope.zeros(DType.F32, weight.shape());
      Tensor bias = random(scope, DType.F32, random, 1, 19);
      Tensor dBias = scope.zeros(DType.F32, bias.shape());
      Tensor mean = scope.zeros(DType.F32, bias.shape());
      Tensor variance = scope.zeros(DType.F32, bias.shape());
      Convolution convolution = kernels.convolution();
      if (!kernels.id().startsWith("vector")) {
        calls.put("convolution", () -> convolution.forward(window, 1, x, weight, bias, y));
        calls.put("weights", () -> convolution.backwardWeights(window, 1, x, y, dWeight, dBias));
      }
      calls.put("data", () -> convolution.backwardData(window, 1, y, weight, dx, false));
      Pooling pooling = kernels.pooling();
      calls.put("maxPool", () -> pooling.max(window, x, y));
      calls.put("maxPoolBackward", () -> pooling.maxBackward(window, x, y, y, dx));
      calls.put("averagePool", () -> pooling.average(window, true, x, y));
      calls.put("averagePoolBackward", () -> pooling.averageBackward(window, true, y, dx));
      Normalization norm = kernels.normalization();
      calls.put("statistics", () -> norm.statistics(x, mean, variance));
      calls.put("normalize", () -> norm.normalize(x, mean, variance, bias, bias, 1e-5, y));
      calls.put(
          "normalizeBackward",
          () -> norm.backward(x, mean, variance, bias, 1e-5, true, y, dx, false, null, dBias));
    }
  }
}
