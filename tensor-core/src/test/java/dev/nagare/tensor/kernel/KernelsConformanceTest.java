package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Matrices.elements;
import static dev.nagare.tensor.kernel.Matrices.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every provider must do: results against a plain computation in f64. */
abstract class KernelsConformanceTest {
  /** Unit round-off times two; a chain of k roundings is off by at most about k of these. */
  private static double epsilon(DType dtype) {
    return dtype == DType.F32 ? 0x1p-23 : 0x1p-52;
  }

  private final SplittableRandom random = new SplittableRandom(20261124);
  private final Scope scope = new Scope(1 << 20);

  abstract Kernels kernels();

  @AfterEach
  void close() {
    scope.close();
  }

  static Stream<Arguments> products() {
    int[][] sizes = {
      {1, 8, 256},
      {32, 8, 256},
      {1, 64, 8},
      {64, 64, 8},
      {5, 7, 3},
      {4, 17, 33},
      {9, 1, 130},
      {3, 20, 1},
      {64, 32, 256},
      {6, 0, 4},
      {0, 3, 4},
      {4, 3, 0},
      {1, 1, 1}
    };
    return Arrays.stream(sizes)
        .flatMap(
            s ->
                Stream.of(DType.F32, DType.F64)
                    .flatMap(
                        dtype ->
                            Stream.of(false, true)
                                .flatMap(
                                    ta ->
                                        Stream.of(false, true)
                                            .map(
                                                tb ->
                                                    Arguments.of(
                                                        dtype, s[0], s[1], s[2], ta, tb)))));
  }

  @ParameterizedTest(name = "{0} [{1}, {2}] x [{2}, {3}] transposed {4} {5}")
  @MethodSource("products")
  void matmulIsWithinRoundingOfTheExactSum(
      DType dtype, int m, int k, int n, boolean ta, boolean tb) {
    for (Mode mode : Mode.values()) {
      scope.reset();
      Tensor a = ta ? random(scope, dtype, random, 1, k, m) : random(scope, dtype, random, 1, m, k);
      Tensor b = tb ? random(scope, dtype, random, 1, n, k) : random(scope, dtype, random, 1, k, n);
      Tensor bias = random(scope, dtype, random, 1, n);
      Tensor out = random(scope, dtype, random, 1, m, n);
      double[] before = elements(out);
      kernels().matmul(a, ta, b, tb, mode == Mode.BIAS ? bias : null, out, mode == Mode.ACCUMULATE);
      double[] left = elements(a);
      double[] right = elements(b);
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          double sum =
              switch (mode) {
                case PLAIN -> 0;
                case BIAS -> bias.get(j);
                case ACCUMULATE -> before[i * n + j];
              };
          double size = Math.abs(sum);
          for (int p = 0; p < k; p++) {
            double term = left[ta ? p * m + i : i * k + p] * right[tb ? j * k + p : p * n + j];
            sum += term;
            size += Math.abs(term);
          }
          assertThat(out.get((long) i * n + j))
              .as("%s [%s, %s]", mode, i, j)
              .isCloseTo(sum, within((k + 2) * epsilon(dtype) * size));
        }
      }
    }
  }

  enum Mode {
    PLAIN,
    BIAS,
    ACCUMULATE
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F64"})
  void columnSumsAreAdded(DType dtype) {
    Tensor x = random(scope, dtype, random, 1, 13, 37);
    Tensor out = random(scope, dtype, random, 1, 37);
    double[] expected = elements(out);
    kernels().addColumnSums(x, out);
    for (int j = 0; j < 37; j++) {
      for (int i = 0; i < 13; i++) {
        expected[j] += x.get(i * 37L + j);
      }
      assertThat(out.get(j)).isCloseTo(expected[j], within(14 * 14 * epsilon(dtype)));
    }
  }

  static Stream<Arguments> sequences() {
    int[][] sizes = {
      {1, 32, 64}, {1, 5, 3}, {3, 4, 17}, {7, 3, 33}, {2, 1, 16}, {2, 0, 4}, {0, 3, 4}
    };
    return Arrays.stream(sizes)
        .flatMap(s -> Stream.of(DType.F32, DType.F64).map(d -> Arguments.of(d, s[0], s[1], s[2])));
  }

  @ParameterizedTest(name = "{0} N={1} T={2} H={3}")
  @MethodSource("sequences")
  void lstmAndItsBackwardFollowTheEquations(DType dtype, int n, int steps, int hidden) {
    // Errors grow along the sequence; measured below a tenth of this.
    double tolerance = 2000 * epsilon(dtype);
    double size = 1 / Math.sqrt(hidden);
    Tensor gates = random(scope, dtype, random, 2, n, steps, 4L * hidden);
    Tensor weight = random(scope, dtype, random, size, hidden, 4L * hidden);
    Tensor h0 = random(scope, dtype, random, 1, n, hidden);
    Tensor c0 = random(scope, dtype, random, 1, n, hidden);
    Tensor h = scope.empty(dtype, Shape.of(n, steps, hidden));
    Tensor c = scope.empty(dtype, Shape.of(n, steps, hidden));
    Tensor dh = random(scope, dtype, random, 1, n, steps, hidden);
    Tensor dWeight = random(scope, dtype, random, 1, hidden, 4L * hidden);
    Tensor dh0 = random(scope, dtype, random, 1, n, hidden);
    Tensor dc0 = random(scope, dtype, random, 1, n, hidden);
    PlainLstm expected =
        new PlainLstm(
            n, steps, hidden, elements(gates), elements(weight), elements(h0), elements(c0));
    double[] dWeightBefore = elements(dWeight);

    kernels().lstmForward(gates, weight, h0, c0, h, c);
    expected.forward();
    assertThat(elements(h)).containsExactly(expected.h, within(tolerance));
    assertThat(elements(c)).containsExactly(expected.c, within(tolerance));
    assertThat(elements(gates)).containsExactly(expected.gates, within(tolerance));

    expected.backward(elements(dh), dWeightBefore, elements(dc0));
    kernels().lstmBackward(gates, weight, h0, c0, h, c, dh, dWeight, dh0, dc0);
    assertThat(elements(gates)).containsExactly(expected.dGates, within(tolerance));
    assertThat(elements(dWeight))
        .containsExactly(expected.dWeight, within(tolerance * (1 + steps)));
    assertThat(elements(dh0)).containsExactly(expected.dh0, within(tolerance));
    assertThat(elements(dc0)).containsExactly(expected.dc, within(tolerance));
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F64"})
  void aRowOfAnLstmHasTheSameBitsInAnyBatch(DType dtype) {
    int steps = 6;
    int hidden = 20;
    Tensor all = random(scope, dtype, random, 2, 9, steps, 4L * hidden);
    Tensor weight = random(scope, dtype, random, 0.3, hidden, 4L * hidden);
    Tensor h0 = random(scope, dtype, random, 1, 9, hidden);
    Tensor c0 = random(scope, dtype, random, 1, 9, hidden);
    double[] alone = lstm(all.narrow(3, 1), weight, h0.narrow(3, 1), c0.narrow(3, 1));
    for (int rows = 2; rows <= 6; rows++) {
      double[] together = lstm(all.narrow(3, rows), weight, h0.narrow(3, rows), c0.narrow(3, rows));
      assertThat(Arrays.copyOf(together, alone.length)).as("of %s", rows).isEqualTo(alone);
    }
  }

  private double[] lstm(Tensor gates, Tensor weight, Tensor h0, Tensor c0) {
    Tensor copy = scope.copyOf(gates);
    Shape shape = Shape.of(gates.dim(0), gates.dim(1), weight.dim(0));
    Tensor h = scope.empty(gates.dtype(), shape);
    kernels().lstmForward(copy, weight, h0, c0, h, scope.empty(gates.dtype(), shape));
    return elements(h);
  }

  @ParameterizedTest
  @EnumSource
  void functionsAndTheirSlopesAreAccurate(Kernels.Unary f) {
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      Tensor x = random(scope, dtype, random, 6, 5, 27);
      x.set(7, 0);
      Tensor y = scope.empty(dtype, x.shape());
      Tensor dy = random(scope, dtype, random, 1, 5, 27);
      Tensor dx = random(scope, dtype, random, 1, 5, 27);
      double[] before = elements(dx);
      kernels().unary(f, x, y);
      kernels().unaryBackward(f, x, y, dy, dx);
      for (int i = 0; i < x.elements(); i++) {
        double in = x.get(i);
        double out = value(f, in);
        double slope = slope(f, in);
        double near = 8 * epsilon(dtype);
        assertThat(y.get(i)).isCloseTo(out, within(near * Math.abs(out)));
        assertThat(dx.get(i))
            .isCloseTo(before[i] + dy.get(i) * slope, within(near * (1 + Math.abs(slope))));
      }
      kernels().unary(f, x, x);
      assertThat(elements(x)).isEqualTo(elements(y));
    }
  }

  private static double value(Kernels.Unary f, double x) {
    return switch (f) {
      case SIGMOID -> 1 / (1 + Math.exp(-x));
      case TANH -> Math.tanh(x);
      case RELU -> Math.max(x, 0);
      case EXP -> Math.exp(x);
      case SQUARE -> x * x;
      case ABS -> Math.abs(x);
    };
  }

  private static double slope(Kernels.Unary f, double x) {
    return switch (f) {
      case SIGMOID -> value(f, x) * (1 - value(f, x));
      case TANH -> 1 - value(f, x) * value(f, x);
      case RELU -> x > 0 ? 1 : 0;
      case EXP -> value(f, x);
      case SQUARE -> 2 * x;
      case ABS -> Math.signum(x);
    };
  }

  @Test
  void reluKeepsANanAndDropsTheSignOfZero() {
    Tensor x = scope.of(Shape.of(3), Float.NaN, -0f, -1);
    kernels().unary(Kernels.Unary.RELU, x, x);
    assertThat(x.toFloats()).containsExactly(Float.NaN, 0f, 0f);
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F64"})
  void elementwiseOperationsRoundOnce(DType dtype) {
    Tensor a = random(scope, dtype, random, 3, 37);
    Tensor b = random(scope, dtype, random, 3, 37);
    Tensor out = scope.empty(dtype, a.shape());
    for (Kernels.Binary f : Kernels.Binary.values()) {
      kernels().binary(f, a, b, out);
      for (int i = 0; i < 37; i++) {
        double exact =
            switch (f) {
              case ADD -> a.get(i) + b.get(i);
              case SUB -> a.get(i) - b.get(i);
              case MUL -> a.get(i) * b.get(i);
            };
        assertThat(out.get(i)).isEqualTo(dtype == DType.F32 ? (float) exact : exact);
      }
    }
    kernels().axpy(0.5, a, out);
    kernels().scale(2, out);
    for (int i = 0; i < 37; i++) {
      double exact = 2 * (0.5 * a.get(i) + a.get(i) * b.get(i));
      assertThat(out.get(i)).isCloseTo(exact, within(50 * epsilon(dtype)));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F64"})
  void sumsOfAnyLengthAreAccurate(DType dtype) {
    for (int n : new int[] {0, 1, 15, 16, 17, 31, 4096, 4097, 10_000}) {
      scope.reset();
      Tensor x = random(scope, dtype, random, 1, n);
      double sum = Arrays.stream(elements(x)).sum();
      double squares = Arrays.stream(elements(x)).map(v -> v * v).sum();
      // 4096 / 16 additions and the tree in the dtype, blocks in f64.
      double near = 265 * epsilon(dtype) * n;
      assertThat(kernels().sum(x)).isCloseTo(sum, within(near));
      assertThat(kernels().sumOfSquares(x)).isCloseTo(squares, within(near));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F64"})
  void adamFollowsItsEquations(DType dtype) {
    int n = 53;
    Tensor p = random(scope, dtype, random, 1, n);
    Tensor g = random(scope, dtype, random, 1, n);
    Tensor m = scope.zeros(dtype, p.shape());
    Tensor v = scope.zeros(dtype, p.shape());
    double[] parameter = elements(p);
    double[] first = new double[n];
    double[] second = new double[n];
    for (int t = 1; t <= 5; t++) {
      double correction1 = 1 - StrictMath.pow(0.9, t);
      double correction2 = 1 - StrictMath.pow(0.999, t);
      kernels()
          .adam(
              p,
              g,
              m,
              v,
              new Kernels.AdamStep(0.01, 0.9, 0.999, 1e-8, correction1, correction2, 0.5));
      for (int i = 0; i < n; i++) {
        double gradient = 0.5 * g.get(i);
        first[i] = 0.9 * first[i] + 0.1 * gradient;
        second[i] = 0.999 * second[i] + 0.001 * gradient * gradient;
        parameter[i] -= 0.01 / correction1 * first[i] / (Math.sqrt(second[i] / correction2) + 1e-8);
      }
    }
    assertThat(elements(p)).containsExactly(parameter, within(20 * epsilon(dtype)));
    assertThat(elements(m)).containsExactly(first, within(20 * epsilon(dtype)));
    assertThat(elements(v)).containsExactly(second, within(20 * epsilon(dtype)));
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F64"})
  void adamWithDecayFollowsItsEquations(DType dtype) {
    int n = 53;
    Tensor p = random(scope, dtype, random, 1, n);
    Tensor g = random(scope, dtype, random, 1, n);
    Tensor m = random(scope, dtype, random, 1, n);
    Tensor v = scope.empty(dtype, p.shape());
    kernels().unary(Kernels.Unary.SQUARE, m, v);
    double[] parameter = elements(p);
    double[] first = elements(m);
    double[] second = elements(v);
    kernels()
        .adam(p, g, m, v, new Kernels.AdamStep(0.01, 0.9, 0.999, 1e-8, 0.1, 0.5, 0.5, 0.3, 0.7));
    for (int i = 0; i < n; i++) {
      double gradient = 0.5 * g.get(i) + 0.3 * parameter[i];
      first[i] = 0.9 * first[i] + 0.1 * gradient;
      second[i] = 0.999 * second[i] + 0.001 * gradient * gradient;
      parameter[i] =
          0.7 * parameter[i] - 0.01 / 0.1 * first[i] / (Math.sqrt(second[i] / 0.5) + 1e-8);
    }
    assertThat(elements(p)).containsExactly(parameter, within(20 * epsilon(dtype)));
    assertThat(elements(m)).containsExactly(first, within(20 * epsilon(dtype)));
    assertThat(elements(v)).containsExactly(second, within(20 * epsilon(dtype)));
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F64"})
  void gradientDescentFollowsItsEquations(DType dtype) {
    int n = 53;
    for (boolean nesterov : new boolean[] {false, true}) {
      Tensor p = random(scope, dtype, random, 1, n);
      Tensor q = scope.copyOf(p);
      Tensor g = random(scope, dtype, random, 1, n);
      Tensor moving = random(scope, dtype, random, 1, n);
      double[] parameter = elements(p);
      double[] plain = elements(p);
      double[] velocity = elements(moving);
      var step = new Kernels.SgdStep(0.1, 0.9, 0.8, nesterov, 0.3, 0.5);
      kernels().sgd(p, g, moving, step);
      kernels().sgd(q, g, null, step);
      for (int i = 0; i < n; i++) {
        double gradient = 0.5 * g.get(i) + 0.3 * parameter[i];
        velocity[i] = 0.9 * velocity[i] + 0.8 * gradient;
        parameter[i] -= 0.1 * (nesterov ? gradient + 0.9 * velocity[i] : velocity[i]);
        plain[i] -= 0.1 * gradient;
      }
      assertThat(elements(moving)).containsExactly(velocity, within(8 * epsilon(dtype)));
      assertThat(elements(p)).containsExactly(parameter, within(8 * epsilon(dtype)));
      assertThat(elements(q)).containsExactly(plain, within(8 * epsilon(dtype)));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F64"})
  void clippingMovesOnlyWhatIsBeyondTheLimit(DType dtype) {
    Tensor x = random(scope, dtype, random, 1, 53);
    x.set(3, Double.NaN);
    x.set(4, Double.NEGATIVE_INFINITY);
    double[] expected = elements(x);
    for (int i = 0; i < expected.length; i++) {
      expected[i] = Math.min(Math.max(expected[i], -0.5), 0.5);
    }
    kernels().clip(0.5, x);
    assertThat(elements(x)).isEqualTo(expected);
  }
}
