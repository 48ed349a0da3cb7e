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
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Softmax, layer normalisation and embedding of every provider against plain loops in f64. */
class RowKernelsConformanceTest {
  private static final int[] COLUMNS = {1, 3, 15, 16, 17, 31, 64, 100, 1000};
  private static final int ROWS = 3;

  private final SplittableRandom random = new SplittableRandom(20261125);
  private final Scope scope = new Scope(1 << 20);

  @AfterEach
  void close() {
    scope.close();
  }

  static Stream<Arguments> providers() {
    return Stream.of("scalar", "vector", "onednn")
        .flatMap(
            name ->
                Stream.of(DType.F32, DType.F64)
                    .map(dtype -> Arguments.of(KernelProviders.byName(name).kernels(), dtype)));
  }

  /** Some roundings, and the polynomial's 2 ulp; a sum of n terms in 16 chains adds n / 16. */
  private static double bound(DType dtype, int n) {
    return (dtype == DType.F32 ? 0x1p-23 : 0x1p-52) * (8 + n / 16.0);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void softmaxAndItsLogarithmFollowTheirFormulas(Kernels kernels, DType dtype) {
    for (int n : COLUMNS) {
      Tensor x = random(scope, dtype, random, 6, ROWS, n);
      Tensor y = scope.empty(dtype, x.shape());
      Tensor log = scope.empty(dtype, x.shape());
      kernels.softmax().forward(x, y);
      kernels.softmax().logForward(x, log);
      for (int r = 0; r < ROWS; r++) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
          sum += Math.exp(x.get(r * n + i));
        }
        for (int i = 0; i < n; i++) {
          double exact = Math.exp(x.get(r * n + i)) / sum;
          double error = bound(dtype, n) + (dtype == DType.F32 ? 0x1p-20 : 0);
          assertThat(y.get(r * n + i)).isCloseTo(exact, within(error * exact));
          assertThat(log.get(r * n + i)).isCloseTo(Math.log(exact), within(16 * bound(dtype, n)));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void softmaxBackwardsAddTheirFormulas(Kernels kernels, DType dtype) {
    for (int n : COLUMNS) {
      Tensor x = random(scope, dtype, random, 3, ROWS, n);
      Tensor y = scope.empty(dtype, x.shape());
      Tensor dy = random(scope, dtype, random, 1, ROWS, n);
      Tensor dx = random(scope, dtype, random, 1, ROWS, n);
      double[] before = elements(dx);
      kernels.softmax().forward(x, y);
      kernels.softmax().backward(y, dy, dx);
      Tensor log = scope.empty(dtype, x.shape());
      kernels.softmax().logForward(x, log);
      Tensor dLog = random(scope, dtype, random, 1, ROWS, n);
      double[] logBefore = elements(dLog);
      kernels.softmax().logBackward(log, dy, dLog);
      for (int r = 0; r < ROWS; r++) {
        double dot = 0;
        double sum = 0;
        for (int i = r * n; i < (r + 1) * n; i++) {
          dot += y.get(i) * dy.get(i);
          sum += dy.get(i);
        }
        for (int i = r * n; i < (r + 1) * n; i++) {
          double error = 8 * bound(dtype, n);
          double exact = before[i] + y.get(i) * (dy.get(i) - dot);
          assertThat(dx.get(i)).isCloseTo(exact, within(error));
          double slope = dy.get(i) - Math.exp(log.get(i)) * sum;
          assertThat(dLog.get(i)).isCloseTo(logBefore[i] + slope, within(error * (1 + n / 16.0)));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void largeAndForbiddenElementsDoNotOverflow(Kernels kernels, DType dtype) {
    Tensor x = scope.empty(dtype, Shape.of(2, 3));
    double[] values = {3e38f, 3e38f, -3e38f, Double.NEGATIVE_INFINITY, -2, -2};
    for (int i = 0; i < 6; i++) {
      x.set(i, values[i]);
    }
    Tensor y = scope.empty(dtype, x.shape());
    kernels.softmax().forward(x, y);
    assertThat(elements(y)).containsExactly(0.5, 0.5, 0, 0, 0.5, 0.5);
    kernels.softmax().logForward(x, y);
    assertThat(y.get(0)).isCloseTo(-Math.log(2), within(1e-7));
    assertThat(y.get(3)).isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void layerNormFollowsItsFormulaAlsoFarFromZero(Kernels kernels, DType dtype) {
    for (int n : COLUMNS) {
      for (double offset : new double[] {0, 100}) {
        Tensor x = random(scope, dtype, random, 1, ROWS, n);
        for (int i = 0; i < x.elements(); i++) {
          x.set(i, x.get(i) + offset);
        }
        Tensor gamma = random(scope, dtype, random, 1, n);
        Tensor beta = random(scope, dtype, random, 1, n);
        Tensor out = scope.empty(dtype, x.shape());
        Tensor normal = scope.empty(dtype, x.shape());
        Tensor rstd = scope.empty(dtype, Shape.of(ROWS));
        kernels.layerNorm().forward(x, gamma, beta, 1e-5, out, normal, rstd);
        Tensor dy = random(scope, dtype, random, 1, ROWS, n);
        Tensor dx = random(scope, dtype, random, 1, ROWS, n);
        double[] before = elements(dx);
        kernels.layerNorm().backward(normal, rstd, gamma, dy, dx);
        for (int r = 0; r < ROWS; r++) {
          double mean = 0;
          double variance = 0;
          for (int i = r * n; i < (r + 1) * n; i++) {
            mean += x.get(i) / n;
          }
          for (int i = r * n; i < (r + 1) * n; i++) {
            variance += (x.get(i) - mean) * (x.get(i) - mean) / n;
          }
          double factor = 1 / Math.sqrt(variance + 1e-5);
          double first = 0;
          double second = 0;
          for (int i = 0; i < n; i++) {
            double up = dy.get(r * n + i) * gamma.get(i);
            first += up / n;
            second += up * (x.get(r * n + i) - mean) * factor / n;
          }
          // The mean is off by some of its ulps, which are the offset's.
          double error = bound(dtype, n) * (1 + offset) * Math.max(4, factor);
          for (int i = 0; i < n; i++) {
            double hat = (x.get(r * n + i) - mean) * factor;
            double y = hat * gamma.get(i) + beta.get(i);
            assertThat(out.get(r * n + i)).isCloseTo(y, within(error * (1 + Math.abs(hat))));
            double slope = factor * (dy.get(r * n + i) * gamma.get(i) - first - hat * second);
            assertThat(dx.get(r * n + i))
                .as("n %s offset %s", n, offset)
                .isCloseTo(before[r * n + i] + slope, within(4 * factor * error));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void layerNormAddsTheGradientsOfItsParameters(Kernels kernels, DType dtype) {
    for (int n : COLUMNS) {
      Tensor normal = random(scope, dtype, random, 2, ROWS, n);
      Tensor dy = random(scope, dtype, random, 1, ROWS, n);
      Tensor dGamma = random(scope, dtype, random, 1, n);
      Tensor dBeta = random(scope, dtype, random, 1, n);
      double[] gammas = elements(dGamma);
      double[] betas = elements(dBeta);
      kernels.layerNorm().backwardParameters(normal, dy, dGamma, dBeta);
      for (int i = 0; i < n; i++) {
        for (int r = 0; r < ROWS; r++) {
          gammas[i] += dy.get(r * n + i) * normal.get(r * n + i);
          betas[i] += dy.get(r * n + i);
        }
        assertThat(dGamma.get(i)).isCloseTo(gammas[i], within(2 * bound(dtype, 0)));
        assertThat(dBeta.get(i)).isCloseTo(betas[i], within(2 * bound(dtype, 0)));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void embeddingCopiesRowsAndAddsGradientsButForThePadding(Kernels kernels, DType dtype) {
    Tensor weight = random(scope, dtype, random, 1, 5, 19);
    Tensor indices = scope.empty(DType.F64, Shape.of(2, 3));
    int[] numbers = {4, 0, 4, 1, 1, 4};
    for (int i = 0; i < numbers.length; i++) {
      indices.set(i, numbers[i]);
    }
    Tensor out = scope.empty(dtype, Shape.of(2, 3, 19));
    kernels.embedding().forward(weight, indices, out);
    Tensor dWeight = random(scope, dtype, random, 1, 5, 19);
    double[] sums = elements(dWeight);
    kernels.embedding().backward(indices, out, 1, dWeight);
    for (int i = 0; i < numbers.length; i++) {
      for (int j = 0; j < 19; j++) {
        assertThat(out.get(i * 19 + j)).isEqualTo(weight.get(numbers[i] * 19 + j));
        sums[numbers[i] * 19 + j] += numbers[i] == 1 ? 0 : out.get(i * 19 + j);
      }
    }
    for (int i = 0; i < sums.length; i++) {
      assertThat(dWeight.get(i)).isCloseTo(sums[i], within(2 * bound(dtype, 0)));
    }
  }

  @Test
  void scalarAndVectorRowsHaveTheSameBits() {
    for (int n : COLUMNS) {
      SplittableRandom seeded = new SplittableRandom(n);
      Tensor x = random(scope, DType.F32, seeded, 20, ROWS, n);
      Tensor dy = random(scope, DType.F32, seeded, 1, ROWS, n);
      Tensor gamma = random(scope, DType.F32, seeded, 1, n);
      Tensor start = random(scope, DType.F32, seeded, 1, ROWS, n);
      Tensor[] scalar = results(KernelProviders.byName("scalar").kernels(), x, dy, gamma, start);
      Tensor[] vector = results(KernelProviders.byName("vector").kernels(), x, dy, gamma, start);
      for (int i = 0; i < scalar.length; i++) {
        assertThat(scalar[i].segment().mismatch(vector[i].segment()))
            .as("result %s of %s columns", i, n)
            .isEqualTo(-1);
      }
    }
  }

  private Tensor[] results(Kernels kernels, Tensor x, Tensor dy, Tensor gamma, Tensor start) {
    Tensor[] out = new Tensor[9];
    for (int i = 0; i < 6; i++) {
      out[i] = scope.copyOf(start);
    }
    kernels.softmax().forward(x, out[0]);
    kernels.softmax().backward(out[0], dy, out[1]);
    kernels.softmax().logForward(x, out[2]);
    kernels.softmax().logBackward(out[2], dy, out[3]);
    Tensor rstd = scope.empty(DType.F32, Shape.of(ROWS));
    Tensor normal = scope.empty(DType.F32, x.shape());
    kernels.layerNorm().forward(x, gamma, gamma, 1e-5, out[4], normal, rstd);
    kernels.layerNorm().backward(normal, rstd, gamma, dy, out[5]);
    out[6] = scope.copyOf(gamma);
    out[7] = scope.copyOf(gamma);
    out[8] = normal;
    kernels.layerNorm().backwardParameters(normal, dy, out[6], out[7]);
    return out;
  }

  @ParameterizedTest
  @MethodSource("providers")
  void whatDoesNotFitIsRefusedWithBothShapes(Kernels kernels, DType dtype) {
    Tensor x = random(scope, dtype, random, 1, 2, 4);
    Tensor row = random(scope, dtype, random, 1, 4);
    Tensor other = random(scope, dtype, random, 1, 2, 3);
    refused(() -> kernels.softmax().forward(x, other), "softmax: out is", "[2, 3]", "[2, 4]");
    refused(() -> kernels.softmax().logForward(x, x), "logSoftmax: out", "overlaps x");
    refused(() -> kernels.softmax().backward(x, row, x), "softmaxBackward: dy is", "[4]");
    refused(
        () -> kernels.layerNorm().forward(x, other, row, 0, x, x, row), "layerNorm: gamma", "[4]");
    refused(() -> kernels.layerNorm().forward(x, row, row, -1, x, x, row), "epsilon of 0 or more");
    refused(
        () -> kernels.layerNorm().backward(x, row, row, x, x), "one rstd for each row of [2, 4]");
    Tensor weight = random(scope, dtype, random, 1, 3, 4);
    Tensor indices = scope.zeros(DType.F64, Shape.of(2));
    indices.set(1, 3);
    refused(
        () -> kernels.embedding().forward(weight, indices, x),
        "embedding: index 1 is 3.0, expected a whole number of 0 or more and less than 3");
    indices.set(1, 0.5);
    refused(() -> kernels.embedding().forward(weight, indices, x), "index 1 is 0.5, expected");
    refused(() -> kernels.embedding().forward(weight, indices, row), "for each of the indices [2]");
  }

  private static void refused(Runnable call, String... words) {
    assertThatThrownBy(call::run)
        .isInstanceOf(TensorException.class)
        .hasMessageContainingAll(words);
  }
}
