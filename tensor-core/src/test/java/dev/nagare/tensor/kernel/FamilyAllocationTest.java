package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Matrices.random;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.nagare.tensor.ChildJvm;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Pointwise.Comparison;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Once compiled, families of kernels leave nothing on the heap, whichever ran before. */
class FamilyAllocationTest {
  /** Of images: the record of one walk or two; a vector in each of the 72 rows would be 4608. */
  private static final long RECORDS = 128;

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void steadyCallsLeaveNothingButTheRecordOfAnImage(String provider) throws Exception {
    List<String> lines = ChildJvm.run(Measurement.class, provider);
    assertThat(lines).hasSizeGreaterThan(100);
    assertThat(lines)
        .allMatch(line -> bytes(line) <= allowed(line), "leaves no more bytes than it may");
  }

  private static long allowed(String line) {
    return line.startsWith("image") ? RECORDS : 0;
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
        Map<String, Runnable> calls = calls(kernels, scope);
        // What is clean at first may leave vectors once others have run and the compiler knows.
        for (String round : List.of(" first ", " again ")) {
          calls.forEach(
              (name, call) -> System.out.println(name + round + leastPerCall(call, allowed(name))));
        }
      }
    }

    private static long leastPerCall(Runnable call, long enough) {
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long least = Long.MAX_VALUE;
      for (int block = 0; block < BLOCKS && least / CALLS > enough; block++) {
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
      elements(kernels, scope, random, x, y, dx, calls);
      rows(kernels, scope, random, x, y, calls);
      return calls;
    }

    private static void elements(
        Kernels kernels,
        Scope scope,
        SplittableRandom random,
        Tensor x,
        Tensor y,
        Tensor dx,
        Map<String, Runnable> calls) {
      Pointwise pointwise = kernels.pointwise();
      Tensor other = random(scope, DType.F32, random, 1, x.shape().toArray());
      Tensor row = random(scope, DType.F32, random, 1, 19);
      Tensor number = random(scope, DType.F32, random, 1, 1);
      Tensor column = random(scope, DType.F32, random, 1, 2, 6, 6, 1);
      Tensor turned = random(scope, DType.F32, random, 1, 2, 19, 6, 6).permute(0, 2, 3, 1);
      Tensor mask = scope.zeros(DType.BOOL, x.shape());
      Map<String, Tensor> forms =
          Map.of("", other, "Row", row, "Number", number, "Column", column, "Turned", turned);
      for (Pointwise.Function f : Pointwise.Function.values()) {
        forms.forEach(
            (form, b) -> {
              calls.put(f + form, () -> pointwise.binary(f, x, b, y));
              calls.put(form + f, () -> pointwise.binary(f, b, x, y));
            });
        if (f != Pointwise.Function.SAME) {
          calls.put(f + "Slope", () -> pointwise.slope(f, true, x, row, y, dx));
          calls.put(f + "SlopeOfB", () -> pointwise.slope(f, false, x, row, y, dx));
        }
      }
      for (Pointwise.Comparison c : Pointwise.Comparison.values()) {
        calls.put(c.name(), () -> pointwise.compare(c, x, row, mask));
      }
      Tensor indices = scope.zeros(DType.I64, x.shape());
      calls.put("compareIndices", () -> pointwise.compare(Comparison.EQ, indices, indices, mask));
      calls.put("where", () -> pointwise.where(mask, x, row, y));
      for (Pointwise.Single f : Pointwise.Single.values()) {
        calls.put(f.name(), () -> pointwise.unary(f, x, y));
      }
      calls.put("clamp", () -> pointwise.clamp(-1, 1, x, y));
      calls.put("linear", () -> pointwise.linear(2, 1, x, y));
      for (Kernels.Unary f : Kernels.Unary.values()) {
        calls.put(f.name(), () -> kernels.unary(f, x, y));
        calls.put(f + "Backward", () -> kernels.unaryBackward(f, x, y, other, dx));
      }
      for (Kernels.Binary f : Kernels.Binary.values()) {
        calls.put("plain" + f, () -> kernels.binary(f, x, other, y));
      }
      calls.put("copy", () -> y.copyFrom(turned));
      calls.put("copyTurned", () -> turned.copyFrom(x));
    }

    private static void rows(
        Kernels kernels,
        Scope scope,
        SplittableRandom random,
        Tensor x,
        Tensor y,
        Map<String, Runnable> calls) {
      Tensor sums = scope.zeros(DType.F32, Shape.of(19));
      Tensor lasts = scope.zeros(DType.F32, Shape.of(2, 6, 6, 1));
      Reductions reductions = kernels.reductions();
      calls.put("addSum", () -> reductions.addSum(1, x, sums));
      calls.put("addSumOfRows", () -> reductions.addSum(1, x, lasts));
      calls.put("max", () -> reductions.extreme(true, x, lasts));
      calls.put("minOfColumns", () -> reductions.extreme(false, x, sums));
      Tensor at = scope.zeros(DType.I64, lasts.shape());
      calls.put("argMax", () -> reductions.argExtreme(true, x, 3, at));
      calls.put("gather", () -> kernels.indexing().gather(x, 3, at, lasts));
      calls.put("scatterAdd", () -> kernels.indexing().scatterAdd(lasts, 3, at, x));
      Tensor gamma = random(scope, DType.F32, random, 1, 19);
      Tensor normal = scope.zeros(DType.F32, x.shape());
      Tensor rstd = scope.zeros(DType.F32, Shape.of(72));
      calls.put("softmax", () -> kernels.softmax().forward(x, y));
      calls.put("logSoftmax", () -> kernels.softmax().logForward(x, y));
      calls.put(
          "layerNorm", () -> kernels.layerNorm().forward(x, gamma, gamma, 1e-5, y, normal, rstd));
      Tensor table = random(scope, DType.F32, random, 1, 72, 19);
      Tensor found = scope.zeros(DType.F32, Shape.of(2, 6, 6, 1, 19));
      calls.put("embedding", () -> kernels.embedding().forward(table, at, found));
      Tensor weight = random(scope, DType.F32, random, 1, 19, 40);
      Tensor out = scope.zeros(DType.F32, Shape.of(72, 40));
      calls.put("matmul", () -> kernels.matmul(table, false, weight, false, null, out, false));
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
      calls.put("imageConvolution", () -> convolution.forward(window, 1, x, weight, bias, y));
      calls.put("imageWeights", () -> convolution.backwardWeights(window, 1, x, y, dWeight, dBias));
      calls.put("imageData", () -> convolution.backwardData(window, 1, y, weight, dx, false));
      Pooling pooling = kernels.pooling();
      calls.put("imageMaxPool", () -> pooling.max(window, x, y));
      calls.put("imageMaxPoolBackward", () -> pooling.maxBackward(window, x, y, y, dx));
      calls.put("imageAveragePool", () -> pooling.average(window, true, x, y));
      calls.put("imageAveragePoolBackward", () -> pooling.averageBackward(window, true, y, dx));
      Normalization norm = kernels.normalization();
      calls.put("imageStatistics", () -> norm.statistics(x, mean, variance));
      calls.put("imageNormalize", () -> norm.normalize(x, mean, variance, bias, bias, 1e-5, y));
      calls.put(
          "imageNormalizeBackward",
          () -> norm.backward(x, mean, variance, bias, 1e-5, true, y, dx, false, null, dBias));
    }
  }
}
