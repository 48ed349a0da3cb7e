package dev.nagare.nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InitializerTest {
  private static final int MANY = 40_000;

  /** Five standard errors of a mean of {@link #MANY} numbers of deviation 1. */
  private static final double NEAR = 5 / Math.sqrt(MANY);

  private final Scope scope = new Scope(1 << 24);

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void everyRuleIsAFunctionOfItsRandomNumbers() {
    for (Initializer rule :
        List.of(
            new Uniform(1),
            new Normal(0, 1),
            new TruncatedNormal(1),
            new Kaiming(0),
            new KaimingNormal(0, Fan.OUT),
            new XavierUniform(1),
            new XavierNormal(1),
            new Orthogonal(1))) {
      scope.reset();
      double[] first = values(rule, 1, 6, 7);
      assertThat(values(rule, 1, 6, 7)).as("%s", rule).isEqualTo(first);
      assertThat(values(rule, 2, 6, 7)).as("%s", rule).isNotEqualTo(first);
      assertThat(Arrays.stream(first).distinct().count()).as("%s", rule).isEqualTo(42);
    }
  }

  @Test
  void uniformFillsItsInterval() {
    double[] x = values(new Uniform(2, 5), 1, MANY);
    assertThat(mean(x)).isCloseTo(3.5, within(NEAR));
    assertThat(deviation(x)).isCloseTo(3 / Math.sqrt(12), within(NEAR));
    assertThat(Arrays.stream(x).min().orElseThrow()).isBetween(2.0, 2.01);
    assertThat(Arrays.stream(x).max().orElseThrow()).isBetween(4.99, 5.0);
  }

  @Test
  void uniformAroundZeroKeepsItsBits() {
    var random = new CounterRandom(1, 0, 0);
    double[] x = values(new Uniform(0.3), 1, 50);
    for (int i = 0; i < 50; i++) {
      assertThat(x[i]).isEqualTo((2 * random.uniform(i) - 1) * 0.3);
    }
  }

  @Test
  void normalHasTheMomentsAndTailsOfTheBell() {
    double[] x = values(new Normal(3, 2), 1, MANY);
    double[] scores = Arrays.stream(x).map(v -> (v - 3) / 2).toArray();
    assertThat(mean(scores)).isCloseTo(0, within(NEAR));
    assertThat(deviation(scores)).isCloseTo(1, within(NEAR));
    assertThat(share(scores, -1, 1)).isCloseTo(0.682689, within(NEAR / 2));
    assertThat(share(scores, -2, 2)).isCloseTo(0.954500, within(NEAR / 4));
    assertThat(share(scores, 0, 1)).isCloseTo(0.341345, within(NEAR / 2));
  }

  @Test
  void truncatedNormalIsTheBellWithinItsBounds() {
    double[] x = values(new TruncatedNormal(1), 1, MANY);
    assertThat(share(x, -2, 2)).isEqualTo(1);
    assertThat(share(x, -1, 1)).isCloseTo(0.682689 / 0.954500, within(NEAR / 2));
    assertThat(mean(x)).isCloseTo(0, within(NEAR));
    assertThat(deviation(x)).isCloseTo(0.879626, within(NEAR));
    // Between 4 and 5 deviations of the mean: mean 4.2254 by the ratio of density and tail.
    double[] tail = values(new TruncatedNormal(0, 1, 4, 5), 1, MANY);
    assertThat(share(tail, 4, 5)).isEqualTo(1);
    double density = Math.exp(-8) - Math.exp(-12.5);
    double mass = 3.167124e-5 - 2.866516e-7;
    assertThat(mean(tail)).isCloseTo(density / Math.sqrt(2 * Math.PI) / mass, within(NEAR / 4));
  }

  @Test
  void heAndGlorotScaleByTheirFans() {
    // [out, in, kernel]: fan in 40 · 5, fan out 200 · 5.
    long[] shape = {200, 40, 5};
    double near = NEAR / 10;
    assertThat(deviation(values(new Kaiming(0), 1, shape)))
        .isCloseTo(Math.sqrt(2 / 200.0), within(near));
    assertThat(deviation(values(new Kaiming(2, Fan.OUT), 1, shape)))
        .isCloseTo(Math.sqrt(2 / 5.0 / 1000), within(near / 4));
    assertThat(deviation(values(new KaimingNormal(0, Fan.IN), 1, shape)))
        .isCloseTo(Math.sqrt(2 / 200.0), within(near));
    assertThat(deviation(values(new KaimingNormal(0, Fan.OUT), 1, shape)))
        .isCloseTo(Math.sqrt(2 / 1000.0), within(near / 2));
    assertThat(deviation(values(new XavierUniform(3), 1, shape)))
        .isCloseTo(3 * Math.sqrt(2 / 1200.0), within(near));
    assertThat(deviation(values(new XavierNormal(3), 1, shape)))
        .isCloseTo(3 * Math.sqrt(2 / 1200.0), within(near));
    double[] x = values(new XavierUniform(1), 1, shape);
    assertThat(share(x, -Math.sqrt(6 / 1200.0), Math.sqrt(6 / 1200.0))).isEqualTo(1);
  }

  @Test
  void orthogonalMatricesHaveOrthonormalRowsOrColumns() {
    for (long[] shape : List.of(new long[] {7, 7}, new long[] {3, 4, 5}, new long[] {30, 2, 3})) {
      int rows = (int) shape[0];
      int columns = (int) (Shape.of(shape).elements() / rows);
      double[] x = values(new Orthogonal(2), 1, shape);
      boolean wide = rows <= columns;
      for (int a = 0; a < Math.min(rows, columns); a++) {
        for (int b = 0; b < Math.min(rows, columns); b++) {
          double dot = 0;
          for (int j = 0; j < Math.max(rows, columns); j++) {
            dot +=
                wide
                    ? x[a * columns + j] * x[b * columns + j]
                    : x[j * columns + a] * x[j * columns + b];
          }
          assertThat(dot).as("%s, %s", a, b).isCloseTo(a == b ? 4 : 0, within(1e-14 * columns));
        }
      }
    }
  }

  @Test
  void constantsFillEveryElement() {
    assertThat(values(new Constant(0.3), 1, 2, 2)).containsExactly(0.3, 0.3, 0.3, 0.3);
    assertThat(values(Initializer.ONES, 1, 2)).containsExactly(1, 1);
    assertThat(values(Initializer.ZEROS, 1, 2)).containsExactly(0, 0);
  }

  @Test
  void whatMakesNoRuleIsRefused() {
    for (Initializer rule :
        List.of(new Kaiming(0), new XavierNormal(1), new XavierUniform(1), new Orthogonal(1))) {
      assertThatThrownBy(() -> values(rule, 1, 5))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("expected a weight [out, in, ..]")
          .hasMessageContaining("F64 [5]");
    }
    assertThatThrownBy(() -> new Uniform(2, 1))
        .hasMessageContaining("uniform: expected low <= high");
    assertThatThrownBy(() -> new Normal(0, -1))
        .hasMessageContaining("normal: expected a deviation");
    assertThatThrownBy(() -> new TruncatedNormal(0, 1, 2, Double.POSITIVE_INFINITY))
        .hasMessageContaining("truncated normal: expected a deviation > 0 and finite low < high");
  }

  private double[] values(Initializer rule, long seed, long... dims) {
    Tensor tensor = scope.empty(DType.F64, Shape.of(dims));
    rule.fill(tensor, new CounterRandom(seed, 0, 0));
    double[] values = new double[(int) tensor.elements()];
    Arrays.setAll(values, tensor::get);
    return values;
  }

  private static double mean(double[] x) {
    return Arrays.stream(x).average().orElseThrow();
  }

  private static double deviation(double[] x) {
    double mean = mean(x);
    return Math.sqrt(Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow());
  }

  private static double share(double[] x, double low, double high) {
    return (double) Arrays.stream(x).filter(v -> v >= low && v <= high).count() / x.length;
  }
}
