package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Matrices.elements;
import static dev.nagare.tensor.kernel.Matrices.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the normalisation of every provider must do: results against a plain computation in f64. */
class NormalizationConformanceTest {
  private static final double EPSILON = 1e-5;
  private static final int[][] SHAPES = {
    {2, 4, 4, 16}, {3, 5}, {16, 32, 32, 16}, {1, 7, 3, 37}, {1, 1, 1, 1}, {4, 9000}, {65, 130}
  };

  private final SplittableRandom random = new SplittableRandom(20261126);
  private final Scope scope = new Scope(1 << 20);

  @AfterEach
  void close() {
    scope.close();
  }

  static Stream<Arguments> all() {
    return Stream.of("scalar", "vector", "onednn")
        .flatMap(
            provider ->
                Stream.of(DType.F32, DType.F64)
                    .flatMap(
                        dtype -> Arrays.stream(SHAPES).map(s -> Arguments.of(provider, dtype, s))));
  }

  private static Normalization normalization(String provider) {
    return KernelProviders.byName(provider).kernels().normalization();
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("all")
  void statisticsAreAccurateEvenFarFromZero(String provider, DType dtype, int[] dims) {
    double epsilon = dtype == DType.F32 ? 0x1p-23 : 0x1p-52;
    for (double far : new double[] {0, 1000}) {
      scope.reset();
      Tensor x = random(scope, dtype, random, 1, longs(dims));
      for (long i = 0; i < x.elements(); i++) {
        x.set(i, x.get(i) + far);
      }
      int channels = dims[dims.length - 1];
      Tensor mean = scope.empty(dtype, Shape.of(channels));
      Tensor variance = scope.empty(dtype, Shape.of(channels));
      normalization(provider).statistics(x, mean, variance);
      double[] means = means(elements(x), channels);
      double[] variances = variances(elements(x), means);
      for (int c = 0; c < channels; c++) {
        // A block's sum has up to 2048 terms in four chains; the rest is f64.
        assertThat(mean.get(c)).isCloseTo(means[c], within(600 * epsilon * (1 + far)));
        double near = 600 * epsilon * (1 + 600 * epsilon * far * far);
        assertThat(variance.get(c)).isCloseTo(variances[c], within(near));
      }
    }
  }

  /** Three parts, one after the other, the last first. */
  private static final Parts THREE =
      new Parts() {
        @Override
        public int count() {
          return 3;
        }

        @Override
        public void run(IntConsumer part) {
          for (int i = 2; i >= 0; i--) {
            part.accept(i);
          }
        }
      };

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("all")
  void partsGiveTheSameBits(String provider, DType dtype, int[] dims) {
    Normalization whole = normalization(provider);
    long channels = dims[dims.length - 1];
    Tensor x = random(scope, dtype, random, 2, longs(dims));
    Tensor dy = random(scope, dtype, random, 1, longs(dims));
    Tensor weight = random(scope, dtype, random, 1, channels);
    List<List<Tensor>> results = new ArrayList<>();
    for (Normalization some : List.of(whole, whole.in(THREE))) {
      Tensor mean = scope.empty(dtype, Shape.of(channels));
      Tensor variance = scope.empty(dtype, Shape.of(channels));
      Tensor y = scope.empty(dtype, x.shape());
      Tensor dx = scope.empty(dtype, x.shape());
      Tensor dWeight = scope.zeros(dtype, Shape.of(channels));
      Tensor dBias = scope.zeros(dtype, Shape.of(channels));
      some.statistics(x, mean, variance);
      some.normalize(x, mean, variance, weight, null, EPSILON, y);
      some.backward(x, mean, variance, weight, EPSILON, true, dy, dx, false, dWeight, dBias);
      results.add(List.of(mean, variance, y, dx, dWeight, dBias));
    }
    for (int i = 0; i < results.getFirst().size(); i++) {
      assertThat(elements(results.getLast().get(i)))
          .as("result %s", i)
          .isEqualTo(elements(results.getFirst().get(i)));
    }
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("all")
  void resultsFollowTheEquations(String provider, DType dtype, int[] dims) {
    double epsilon = dtype == DType.F32 ? 0x1p-23 : 0x1p-52;
    int channels = dims[dims.length - 1];
    Tensor x = random(scope, dtype, random, 2, longs(dims));
    Tensor dy = random(scope, dtype, random, 1, longs(dims));
    Tensor mean = random(scope, dtype, random, 1, channels);
    Tensor variance = random(scope, dtype, random, 1, channels);
    for (int c = 0; c < channels; c++) {
      variance.set(c, 0.5 + Math.abs(variance.get(c)));
    }
    Tensor weight = random(scope, dtype, random, 1, channels);
    Tensor bias = random(scope, dtype, random, 1, channels);
    Normalization kernels = normalization(provider);
    int rows = (int) (x.elements() / channels);
    for (boolean affine : new boolean[] {true, false}) {
      Tensor w = affine ? weight : null;
      Tensor y = scope.empty(dtype, x.shape());
      kernels.normalize(x, mean, variance, w, affine ? bias : null, EPSILON, y);
      for (int i = 0; i < x.elements(); i++) {
        int c = i % channels;
        double exact = (x.get(i) - mean.get(c)) / Math.sqrt(variance.get(c) + EPSILON);
        exact = affine ? exact * weight.get(c) + bias.get(c) : exact;
        assertThat(y.get(i)).isCloseTo(exact, within(20 * epsilon));
      }
      for (boolean ofBatch : new boolean[] {true, false}) {
        Tensor dx = random(scope, dtype, random, 1, longs(dims));
        Tensor fresh = random(scope, dtype, random, 1, longs(dims));
        Tensor dWeight = random(scope, dtype, random, 1, channels);
        Tensor dBias = random(scope, dtype, random, 1, channels);
        double[] dxBefore = elements(dx);
        double[] dWeightBefore = elements(dWeight);
        double[] dBiasBefore = elements(dBias);
        kernels.backward(x, mean, variance, w, EPSILON, ofBatch, dy, dx, true, dWeight, dBias);
        kernels.backward(x, mean, variance, w, EPSILON, ofBatch, dy, fresh, false, null, null);
        double[] sums = new double[channels];
        double[] products = new double[channels];
        for (int i = 0; i < x.elements(); i++) {
          int c = i % channels;
          sums[c] += dy.get(i);
          products[c] += dy.get(i) * hat(x, mean, variance, i, c);
        }
        double near = (20 + 4 * rows) * epsilon;
        for (int c = 0; c < channels; c++) {
          assertThat(dBias.get(c)).isCloseTo(dBiasBefore[c] + sums[c], within(near));
          assertThat(dWeight.get(c)).isCloseTo(dWeightBefore[c] + products[c], within(5 * near));
        }
        for (int i = 0; i < x.elements(); i++) {
          int c = i % channels;
          double exact = dy.get(i);
          if (ofBatch) {
            exact -= sums[c] / rows + hat(x, mean, variance, i, c) * products[c] / rows;
          }
          exact *= (affine ? weight.get(c) : 1) / Math.sqrt(variance.get(c) + EPSILON);
          // Sums err by a chain of at most a quarter of a block, the rest is a few operations.
          assertThat(dx.get(i)).isCloseTo(dxBefore[i] + exact, within(600 * epsilon));
          assertThat(fresh.get(i)).isCloseTo(exact, within(600 * epsilon));
        }
      }
    }
  }

  private static double hat(Tensor x, Tensor mean, Tensor variance, int i, int c) {
    return (x.get(i) - mean.get(c)) / Math.sqrt(variance.get(c) + EPSILON);
  }

  @Test
  void theVectorKernelsHaveTheBitsOfTheScalarOnes() {
    for (int[] dims : SHAPES) {
      assertThat(bits("vector", dims))
          .as("%s", Arrays.toString(dims))
          .isEqualTo(bits("scalar", dims));
    }
  }

  private double[] bits(String provider, int[] dims) {
    SplittableRandom from = new SplittableRandom(3);
    int channels = dims[dims.length - 1];
    Normalization kernels = normalization(provider);
    Tensor x = random(scope, DType.F32, from, 2, longs(dims));
    Tensor dy = random(scope, DType.F32, from, 2, longs(dims));
    Tensor weight = random(scope, DType.F32, from, 2, channels);
    Tensor mean = scope.empty(DType.F32, weight.shape());
    Tensor variance = scope.empty(DType.F32, weight.shape());
    Tensor y = scope.empty(DType.F32, x.shape());
    Tensor dx = scope.empty(DType.F32, x.shape());
    Tensor added = scope.zeros(DType.F32, x.shape());
    Tensor dWeight = scope.zeros(DType.F32, weight.shape());
    Tensor dBias = scope.zeros(DType.F32, weight.shape());
    kernels.statistics(x, mean, variance);
    kernels.normalize(x, mean, variance, weight, weight, EPSILON, y);
    kernels.backward(x, mean, variance, weight, EPSILON, true, dy, dx, false, dWeight, dBias);
    kernels.backward(x, mean, variance, weight, EPSILON, true, y, added, true, dWeight, dBias);
    return Stream.of(mean, variance, y, dx, added, dWeight, dBias)
        .flatMapToDouble(t -> Arrays.stream(elements(t)))
        .toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void whatDoesNotFitIsNamed(String provider) {
    Normalization kernels = normalization(provider);
    Tensor x = zeros(2, 3, 3, 4);
    Tensor c = zeros(4);
    Tensor other = zeros(3);
    refused(() -> kernels.statistics(zeros(4), c, zeros(4)), "with two axes or more");
    refused(() -> kernels.statistics(x, other, c), "statistics: mean has shape [3], expected [4]");
    refused(() -> kernels.statistics(x, c, c), "variance [4] overlaps mean [4]");
    refused(() -> kernels.statistics(zeros(0, 4), c, zeros(4)), "expected at least one row");
    refused(
        () -> kernels.normalize(x, c, c, other, null, EPSILON, x),
        "normalize: weight has shape [3], expected [4]");
    refused(
        () -> kernels.normalize(x, c, c, null, null, EPSILON, zeros(2, 3, 4)),
        "normalize: y is F32 [2, 3, 4]");
    refused(
        () -> kernels.normalize(x, c, scope.zeros(DType.F64, c.shape()), null, null, 0, x),
        "variance is F64 [4], expected F32");
    refused(
        () -> kernels.backward(x, c, c, c, EPSILON, true, zeros(2, 3), x, false, null, null),
        "normalizeBackward: dy is F32 [2, 3]");
    refused(
        () -> kernels.backward(x, c, c, c, EPSILON, true, zeros(2, 3, 3, 4), x, false, c, c),
        "dx [2, 3, 3, 4] overlaps x");
  }

  private Tensor zeros(long... dims) {
    return scope.zeros(DType.F32, Shape.of(dims));
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TensorException.class,
            e -> assertThat(e.kind()).isEqualTo(TensorException.Kind.MISMATCH))
        .hasMessageContaining(message);
  }

  private static long[] longs(int[] dims) {
    return Arrays.stream(dims).asLongStream().toArray();
  }

  private static double[] means(double[] x, int channels) {
    double[] means = new double[channels];
    int rows = x.length / channels;
    for (int i = 0; i < x.length; i++) {
      means[i % channels] += x[i] / rows;
    }
    return means;
  }

  private static double[] variances(double[] x, double[] means) {
    double[] variances = new double[means.length];
    int rows = x.length / means.length;
    for (int i = 0; i < x.length; i++) {
      double apart = x[i] - means[i % means.length];
      variances[i % means.length] += apart * apart / rows;
    }
    return variances;
  }
}
