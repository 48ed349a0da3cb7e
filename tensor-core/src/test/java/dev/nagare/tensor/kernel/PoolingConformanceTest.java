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
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the poolings of every provider must do: results against a plain computation in f64. */
class PoolingConformanceTest {
  private final SplittableRandom random = new SplittableRandom(20261127);
  private final Scope scope = new Scope(1 << 20);

  @AfterEach
  void close() {
    scope.close();
  }

  record Case(Window window, int n, int h, int w, int c) {}

  private static Stream<Case> cases() {
    return Stream.of(
        new Case(Window.of(2, 2).stride(2, 2), 2, 8, 8, 16),
        new Case(Window.of(3, 3).stride(2, 2).padding(1, 1), 3, 7, 9, 37),
        new Case(Window.of(3, 2).stride(1, 2).padding(1, 0), 1, 5, 6, 3),
        new Case(new Window(2, 3, 2, 2, 1, 1, 0, 1, 1, 0), 2, 5, 6, 17),
        new Case(Window.of(1, 4).stride(1, 3), 2, 1, 20, 8),
        new Case(Window.of(5, 5).padding(2, 2), 1, 3, 3, 4),
        new Case(Window.of(1, 1), 1, 1, 1, 1),
        new Case(Window.of(2, 2), 0, 4, 4, 2));
  }

  static Stream<Arguments> all() {
    return Stream.of("scalar", "vector", "onednn")
        .flatMap(
            provider ->
                Stream.of(DType.F32, DType.F64)
                    .flatMap(dtype -> cases().map(c -> Arguments.of(provider, dtype, c))));
  }

  private static Pooling pooling(String provider) {
    return KernelProviders.byName(provider).kernels().pooling();
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("all")
  void theLargestIsFoundAndGetsTheGradient(String provider, DType dtype, Case s) {
    for (Window window : new Window[] {s.window, s.window.dilation(2, 2)}) {
      if (window.outH(s.h) < 1 || window.outW(s.w) < 1) {
        continue;
      }
      Tensor x = random(scope, dtype, random, 1, s.n, s.h, s.w, s.c);
      for (long i = 0; i < x.elements(); i++) {
        x.set(i, Math.rint(4 * x.get(i))); // many are equal
      }
      Tensor y = empty(dtype, window, s);
      Tensor dy = random(scope, dtype, random, 1, y.shape().toArray());
      Tensor dx = random(scope, dtype, random, 1, x.shape().toArray());
      double[] expected = elements(dx);
      pooling(provider).max(window, x, y);
      pooling(provider).maxBackward(window, x, y, dy, dx);
      for (int k = 0; k < y.elements(); k++) {
        int most = -1;
        for (int at : seen(window, s, y, k)) {
          if (most < 0 || x.get(at) > x.get(most)) {
            most = at;
          }
        }
        assertThat(y.get(k)).isEqualTo(x.get(most));
        expected[most] += dy.get(k);
      }
      double near = 30 * (dtype == DType.F32 ? 0x1p-23 : 0x1p-52);
      assertThat(elements(dx)).containsExactly(expected, within(near));
    }
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("all")
  void meansOfWindowsAreAccurate(String provider, DType dtype, Case s) {
    double near = 30 * (dtype == DType.F32 ? 0x1p-23 : 0x1p-52);
    for (boolean includePadding : new boolean[] {true, false}) {
      Tensor x = random(scope, dtype, random, 1, s.n, s.h, s.w, s.c);
      Tensor y = empty(dtype, s.window, s);
      Tensor dy = random(scope, dtype, random, 1, y.shape().toArray());
      Tensor dx = random(scope, dtype, random, 1, x.shape().toArray());
      double[] expected = elements(dx);
      pooling(provider).average(s.window, includePadding, x, y);
      pooling(provider).averageBackward(s.window, includePadding, dy, dx);
      for (int k = 0; k < y.elements(); k++) {
        int[] seen = seen(s.window, s, y, k);
        int divisor = includePadding ? s.window.taps() : seen.length;
        double sum = Arrays.stream(seen).mapToDouble(x::get).sum();
        assertThat(y.get(k)).isCloseTo(sum / divisor, within(near));
        for (int at : seen) {
          expected[at] += dy.get(k) / divisor;
        }
      }
      assertThat(elements(dx)).containsExactly(expected, within(near));
    }
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("all")
  void meansOfPartsAreAccurate(String provider, DType dtype, Case s) {
    double near = 100 * (dtype == DType.F32 ? 0x1p-23 : 0x1p-52);
    for (int[] parts : new int[][] {{1, 1}, {2, 3}, {s.h, s.w}, {7, 5}}) {
      Tensor x = random(scope, dtype, random, 1, s.n, s.h, s.w, s.c);
      Tensor y = scope.empty(dtype, Shape.of(s.n, parts[0], parts[1], s.c));
      Tensor dy = random(scope, dtype, random, 1, y.shape().toArray());
      Tensor dx = random(scope, dtype, random, 1, x.shape().toArray());
      double[] expected = elements(dx);
      pooling(provider).adaptiveAverage(x, y);
      pooling(provider).adaptiveAverageBackward(dy, dx);
      for (int k = 0; k < y.elements(); k++) {
        int q = k / s.c % parts[1];
        int p = k / s.c / parts[1] % parts[0];
        int n = k / s.c / parts[1] / parts[0];
        int[] seen =
            IntStream.range(
                    (int) Math.floor((double) p * s.h / parts[0]),
                    (int) Math.ceil((p + 1.0) * s.h / parts[0]))
                .flatMap(
                    i ->
                        IntStream.range(
                                (int) Math.floor((double) q * s.w / parts[1]),
                                (int) Math.ceil((q + 1.0) * s.w / parts[1]))
                            .map(j -> (n * s.h + i) * s.w + j))
                .toArray();
        double sum = 0;
        for (int pixel : seen) {
          sum += x.get((long) pixel * s.c + k % s.c);
          expected[pixel * s.c + k % s.c] += dy.get(k) / seen.length;
        }
        assertThat(y.get(k)).isCloseTo(sum / seen.length, within(near));
      }
      assertThat(elements(dx)).containsExactly(expected, within(near));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void notANumberIsLargest(String provider) {
    Tensor x = scope.zeros(DType.F32, Shape.of(1, 2, 2, 17));
    x.set(17, Double.NaN);
    Tensor y = scope.empty(DType.F32, Shape.of(1, 1, 1, 17));
    pooling(provider).max(Window.of(2, 2), x, y);
    assertThat(y.get(0)).isNaN();
    assertThat(y.get(1)).isZero();
  }

  @Test
  void theVectorKernelsHaveTheBitsOfTheScalarOnes() {
    cases().forEach(s -> assertThat(bits("vector", s)).as("%s", s).isEqualTo(bits("scalar", s)));
  }

  private double[] bits(String provider, Case s) {
    SplittableRandom from = new SplittableRandom(3);
    Pooling pooling = pooling(provider);
    Tensor x = random(scope, DType.F32, from, 1, s.n, s.h, s.w, s.c);
    Tensor y = empty(DType.F32, s.window, s);
    Tensor mean = empty(DType.F32, s.window, s);
    Tensor parts = scope.empty(DType.F32, Shape.of(s.n, 2, 2, s.c));
    Tensor dx = random(scope, DType.F32, from, 1, s.n, s.h, s.w, s.c);
    pooling.max(s.window, x, y);
    pooling.maxBackward(s.window, x, y, scope.copyOf(y), dx);
    pooling.average(s.window, true, x, mean);
    pooling.averageBackward(s.window, false, mean, dx);
    pooling.adaptiveAverage(x, parts);
    pooling.adaptiveAverageBackward(parts, dx);
    return Stream.of(y, mean, parts, dx).flatMapToDouble(t -> Arrays.stream(elements(t))).toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void whatDoesNotFitIsNamed(String provider) {
    Pooling pooling = pooling(provider);
    Window window = Window.of(2, 2).stride(2, 2);
    Tensor x = zeros(2, 6, 6, 4);
    Tensor y = zeros(2, 3, 3, 4);
    refused(
        () -> pooling.max(window, x, zeros(2, 3, 4, 4)),
        "maxPool: y has shape [2, 3, 4, 4], expected [2, 3, 3, 4] for x [2, 6, 6, 4]");
    refused(() -> pooling.max(window, x, zeros(2, 3, 3, 5)), "with N and C of x");
    refused(() -> pooling.max(window, zeros(6, 6, 4), y), "expected 4 axes");
    refused(() -> pooling.max(window.padding(2, 0), x, y), "at most half of the kernel");
    refused(() -> pooling.max(Window.of(7, 1), x, y), "smaller than the window 7x1");
    refused(() -> pooling.max(window, x, scope.zeros(DType.F64, y.shape())), "y is F64");
    refused(() -> pooling.average(window.dilation(2, 1), true, x, y), "expected a dense window");
    refused(
        () -> pooling.maxBackward(window, x, y, zeros(2, 3, 3, 3), x),
        "maxPoolBackward: dy is F32 [2, 3, 3, 3]");
    refused(() -> pooling.maxBackward(window, x, y, zeros(2, 3, 3, 4), x), "dx [2, 6, 6, 4]");
    refused(() -> pooling.adaptiveAverage(x, zeros(2, 0, 1, 4)), "at least 1 x 1");
    refused(() -> pooling.adaptiveAverageBackward(y, zeros(1, 6, 6, 4)), "with N and C of x");
  }

  private Tensor zeros(long... dims) {
    return scope.zeros(DType.F32, Shape.of(dims));
  }

  private Tensor empty(DType dtype, Window window, Case s) {
    return scope.empty(dtype, Shape.of(s.n, window.outH(s.h), window.outW(s.w), s.c));
  }

  /** The elements of x behind an element of the result, in the order of rows and columns. */
  private static int[] seen(Window window, Case s, Tensor y, int k) {
    int q = k / s.c % (int) y.dim(2);
    int p = (int) (k / s.c / y.dim(2) % y.dim(1));
    int n = (int) (k / s.c / y.dim(2) / y.dim(1));
    int[] seen = new int[window.taps()];
    int count = 0;
    for (int i = 0; i < window.kernelH(); i++) {
      for (int j = 0; j < window.kernelW(); j++) {
        int row = p * window.strideH() + i * window.dilationH() - window.top();
        int column = q * window.strideW() + j * window.dilationW() - window.left();
        if (row >= 0 && row < s.h && column >= 0 && column < s.w) {
          seen[count++] = ((n * s.h + row) * s.w + column) * s.c + k % s.c;
        }
      }
    }
    return Arrays.copyOf(seen, count);
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TensorException.class,
            e -> assertThat(e.kind()).isEqualTo(TensorException.Kind.MISMATCH))
        .hasMessageContaining(message);
  }
}
