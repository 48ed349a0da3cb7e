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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the activations of every provider must do: results against the formulas in f64. */
class ActivationsConformanceTest {
  private static final double ROOT = Math.sqrt(2 / Math.PI);

  /** Where an exponential overflows, or an argument is held, what is left is less. */
  private static final double TINY = 1e-35;

  private static final int[] SIZES = {0, 1, 15, 16, 17, 135, 1000};

  private final SplittableRandom random = new SplittableRandom(20261128);
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
                        dtype ->
                            Stream.of(Activations.Function.values())
                                .map(f -> Arguments.of(provider, dtype, f))));
  }

  private static Activations activations(String provider) {
    return KernelProviders.byName(provider).kernels().activations();
  }

  private static double epsilon(DType dtype) {
    return dtype == DType.F32 ? 0x1p-23 : 0x1p-52;
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("all")
  void valuesAndSlopesAreAccurate(String provider, DType dtype, Activations.Function f) {
    for (int n : SIZES) {
      Tensor x = random(scope, dtype, random, 12, n);
      if (n > 3) {
        x.set(0, 0);
        x.set(1, -3);
        x.set(2, 3);
      }
      Tensor y = scope.empty(dtype, x.shape());
      Tensor dy = random(scope, dtype, random, 1, n);
      Tensor dx = random(scope, dtype, random, 1, n);
      double[] before = elements(dx);
      activations(provider).forward(f, x, y);
      activations(provider).backward(f, x, dy, dx);
      for (int i = 0; i < n; i++) {
        double in = x.get(i);
        double value = value(f, in);
        double slope = slope(f, in);
        assertThat(y.get(i))
            .as("%s(%s)", f, in)
            .isCloseTo(value, within(TINY + epsilon(dtype) * bound(dtype, f, in, value)));
        assertThat(dx.get(i))
            .as("%s'(%s)", f, in)
            .isCloseTo(before[i] + dy.get(i) * slope, within(8 * epsilon(dtype) * 1.2));
      }
      activations(provider).forward(f, x, x);
      assertThat(elements(x)).isEqualTo(elements(y));
    }
  }

  /** As {@link Activations} states it; 1 ulp is at least half of epsilon times the number. */
  private static double bound(DType dtype, Activations.Function f, double x, double value) {
    double size = Math.abs(value);
    if (dtype == DType.F64) {
      // The formulas lose what they cancel, in f64 as well.
      return 40 * Math.max(size, Math.abs(x));
    }
    return switch (f) {
      case GELU, SILU -> 8 * size;
      case GELU_TANH -> (8 + Math.abs(2 * ROOT * (x + 0.044715 * x * x * x))) * size;
      case HARD_SWISH -> 4 * Math.abs(x); // x + 3 rounds where it cancels
    };
  }

  private static double value(Activations.Function f, double x) {
    return switch (f) {
      case GELU -> x * NormalF64.share(x);
      case GELU_TANH -> x / (1 + Math.exp(-2 * ROOT * (x + 0.044715 * x * x * x)));
      case SILU -> x / (1 + Math.exp(-x));
      case HARD_SWISH -> x * Math.min(Math.max(x + 3, 0), 6) / 6;
    };
  }

  private static double slope(Activations.Function f, double x) {
    return switch (f) {
      case GELU -> NormalF64.share(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
      case GELU_TANH -> {
        double tanh = Math.tanh(ROOT * (x + 0.044715 * x * x * x));
        yield (1 + tanh) / 2 + x / 2 * (1 - tanh * tanh) * ROOT * (1 + 3 * 0.044715 * x * x);
      }
      case SILU -> (1 + x / (1 + Math.exp(x))) / (1 + Math.exp(-x));
      case HARD_SWISH -> x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5;
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void farAwayTheyAreZeroOrTheArgumentAndWhatIsNoNumberStaysSo(String provider) {
    float[] far = {1e4f, -1e4f, 1e30f, -1e30f, 0, Float.NaN};
    for (Activations.Function f : Activations.Function.values()) {
      Tensor x = scope.of(Shape.of(32), Arrays.copyOf(far, 32));
      Tensor y = scope.empty(DType.F32, x.shape());
      Tensor dx = scope.zeros(DType.F32, x.shape());
      Tensor dy = scope.of(Shape.of(32), ones(32));
      activations(provider).forward(f, x, y);
      activations(provider).backward(f, x, dy, dx);
      for (int i = 0; i < 5; i++) {
        assertThat(y.get(i)).as("%s(%s)", f, far[i]).isCloseTo(Math.max(0, far[i]), within(TINY));
      }
      for (int i = 0; i < 4; i++) {
        assertThat(dx.get(i)).as("%s'(%s)", f, far[i]).isCloseTo(far[i] > 0 ? 1 : 0, within(TINY));
      }
      assertThat(dx.get(4)).isEqualTo(0.5);
      assertThat(y.get(5)).isNaN();
      assertThat(dx.get(5)).isNaN();
    }
  }

  private static float[] ones(int n) {
    float[] ones = new float[n];
    Arrays.fill(ones, 1);
    return ones;
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void leakyReluScalesWhatIsNotPositive(String provider) {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (int n : SIZES) {
        Tensor x = random(scope, dtype, random, 3, n);
        Tensor dy = random(scope, dtype, random, 1, n);
        Tensor dx = random(scope, dtype, random, 1, n);
        double[] before = elements(dx);
        Tensor y = scope.empty(dtype, x.shape());
        activations(provider).leakyRelu(0.25, x, y);
        activations(provider).leakyReluBackward(0.25, x, dy, dx);
        for (int i = 0; i < n; i++) {
          double factor = x.get(i) > 0 ? 1 : 0.25; // a power of two: nothing is rounded
          assertThat(y.get(i)).isEqualTo(factor * x.get(i));
          assertThat(dx.get(i))
              .isCloseTo(before[i] + factor * dy.get(i), within(2 * epsilon(dtype)));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void wrongArgumentsAreRefusedWithBothShapes(String provider) {
    Activations activations = activations(provider);
    Tensor x = scope.zeros(DType.F32, Shape.of(2, 6));
    Tensor other = scope.zeros(DType.F32, Shape.of(12));
    Tensor wide = scope.zeros(DType.F64, Shape.of(2, 6));
    Tensor whole = scope.zeros(DType.I32, Shape.of(2, 6));
    var gelu = Activations.Function.GELU;
    assertThatThrownBy(() -> activations.forward(gelu, x, other))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("gelu: y is")
        .hasMessageContaining("[12]")
        .hasMessageContaining("[2, 6]");
    assertThatThrownBy(() -> activations.forward(gelu, x, wide)).hasMessageContaining("gelu: y is");
    assertThatThrownBy(() -> activations.forward(gelu, whole, whole))
        .hasMessageContaining("gelu: expected F32 or F64");
    assertThatThrownBy(() -> activations.backward(gelu, x, other, x))
        .hasMessageContaining("gelu: dy is");
    assertThatThrownBy(() -> activations.backward(gelu, x, x, x))
        .hasMessageContaining("gelu: dx [2, 6] overlaps x [2, 6]");
    Tensor row = scope.zeros(DType.F32, Shape.of(3, 4));
    assertThatThrownBy(() -> activations.leakyRelu(0.1, row.narrow(0, 2), row.narrow(1, 2)))
        .hasMessageContaining("leaky_relu: y [2, 4] overlaps x [2, 4]");
  }
}
