package dev.nagare.graph.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Products, reductions and what goes along an axis, against sums in f64. */
class RowOperatorsTest {
  private static final long SEED = 6;

  @ParameterizedTest
  @CsvSource({"false, false", "true, false", "false, true", "true, true"})
  void matricesOfLeadingAxesBroadcast(boolean transposeA, boolean transposeB) {
    var random = new SplittableRandom(SEED);
    try (Scope scope = new Scope(1 << 18)) {
      for (DType dtype : List.of(DType.F32, DType.F64, DType.I64)) {
        Tensor a =
            Runs.random(scope, random, dtype, transposeA ? dims(3, 1, 5, 4) : dims(3, 1, 4, 5));
        Tensor b = Runs.random(scope, random, dtype, transposeB ? dims(2, 6, 5) : dims(2, 5, 6));
        Tensor y = Runs.one(scope, new MatMul(transposeA, transposeB), a, b);
        assertThat(y.shape()).isEqualTo(Shape.of(3, 2, 4, 6));
        for (long at = 0; at < y.elements(); at++) {
          long n = at % 6;
          long m = at / 6 % 4;
          long second = at / 24 % 2;
          long first = at / 48;
          double sum = 0;
          for (long k = 0; k < 5; k++) {
            long left = first * 20 + (transposeA ? k * 4 + m : m * 5 + k);
            long right = second * 30 + (transposeB ? n * 5 + k : k * 6 + n);
            sum += a.get(left) * b.get(right);
          }
          assertThat(y.get(at)).as("%s, seed %s", dtype, SEED).isCloseTo(sum, within(1e-5));
        }
      }
    }
  }

  private static long[] dims(long... dims) {
    return dims;
  }

  @Test
  void vectorsAreRowsAndColumns() {
    try (Scope scope = new Scope(1 << 16)) {
      Tensor v = scope.of(Shape.of(2), 1, 2);
      Tensor m = scope.of(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
      Tensor w = scope.of(Shape.of(3), 1, 0, -1);
      var product = new MatMul(false, false);
      assertThat(Runs.one(scope, product, v, m).toFloats()).containsExactly(9, 12, 15);
      assertThat(Runs.one(scope, product, m, w).toFloats()).containsExactly(-2, -2);
      Tensor dot = Runs.one(scope, product, v, v);
      assertThat(dot.shape()).isEqualTo(Shape.of());
      assertThat(dot.get(0)).isEqualTo(5);
    }
    assertThatThrownBy(
            () ->
                new MatMul(false, false)
                    .infer(List.of(Fact.of(DType.F32, 2, 3), Fact.of(DType.F32, 4, 2))))
        .hasMessageContaining("[2, 3] by [4, 2]: rows of 3 meet columns of 4");
  }

  @ParameterizedTest
  @EnumSource(Reduce.Kind.class)
  void reductionsAreTheirFormulas(Reduce.Kind kind) {
    var random = new SplittableRandom(SEED);
    try (Scope scope = new Scope(1 << 18)) {
      for (DType dtype : List.of(DType.F32, DType.F64)) {
        Tensor x = Runs.random(scope, random, dtype, 3, 4, 5, 2);
        for (long i = 0; kind == Reduce.Kind.LOG_SUM && i < x.elements(); i++) {
          x.set(i, Math.abs(x.get(i)));
        }
        for (List<Integer> axes : List.of(List.of(1, 2), List.of(2, 3), List.of(-1))) {
          Tensor y = Runs.one(scope, new Reduce(kind, axes, true), x);
          Tensor flat = Runs.one(scope, new Reduce(kind, axes, false), x);
          double[] parts = new double[4]; // sum, absolute, square, exponential
          for (long at = 0; at < y.elements(); at++) {
            double product = 1;
            double max = Double.NEGATIVE_INFINITY;
            double min = Double.POSITIVE_INFINITY;
            int count = 0;
            Arrays.fill(parts, 0);
            for (long i = 0; i < x.elements(); i++) {
              if (position(i, axes) == at) {
                double v = x.get(i);
                parts[0] += v;
                parts[1] += Math.abs(v);
                parts[2] += v * v;
                parts[3] += Math.exp(v);
                product *= v;
                max = Math.max(max, v);
                min = Math.min(min, v);
                count++;
              }
            }
            double expected =
                switch (kind) {
                  case SUM -> parts[0];
                  case MEAN -> parts[0] / count;
                  case MAX -> max;
                  case MIN -> min;
                  case PROD -> product;
                  case L1 -> parts[1];
                  case L2 -> Math.sqrt(parts[2]);
                  case SUM_SQUARE -> parts[2];
                  case LOG_SUM -> Math.log(parts[0]);
                  case LOG_SUM_EXP -> Math.log(parts[3]);
                };
            double bound = 1e-5 * (1 + Math.abs(expected));
            assertThat(y.get(at)).as("%s, seed %s", axes, SEED).isCloseTo(expected, within(bound));
            assertThat(flat.get(at)).isEqualTo(y.get(at));
          }
        }
      }
    }
  }

  /** Which element of the result an element of {@code [3, 4, 5, 2]} goes into. */
  private static long position(long i, List<Integer> axes) {
    long[] dims = {3, 4, 5, 2};
    long[] index = {i / 40, i / 10 % 4, i / 2 % 5, i % 2};
    long at = 0;
    for (int axis = 0; axis < 4; axis++) {
      boolean reduced = axes.contains(axis) || axes.contains(axis - 4);
      at = reduced ? at : at * dims[axis] + index[axis];
    }
    return at;
  }

  @Test
  void ofNothingButMinusInfinityTheLogarithmIsMinusInfinity() {
    try (Scope scope = new Scope(1 << 16)) {
      float low = Float.NEGATIVE_INFINITY;
      Tensor x = scope.of(Shape.of(2, 2), low, low, 1000, 1000);
      var operator = new Reduce(Reduce.Kind.LOG_SUM_EXP, List.of(1), false);
      assertThat(Runs.one(scope, operator, x).toFloats())
          .containsExactly(low, (float) (1000 + Math.log(2)));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void softmaxGoesAlongAnyAxis(int axis) {
    var random = new SplittableRandom(SEED);
    try (Scope scope = new Scope(1 << 18)) {
      Tensor x = Runs.random(scope, random, DType.F32, 3, 4, 5);
      Tensor y = Runs.one(scope, new Softmax(axis), x);
      Tensor logs = Runs.one(scope, new LogSoftmax(axis - 3), x);
      long inner = x.stride(axis);
      long size = x.dim(axis);
      for (long i = 0; i < x.elements(); i++) {
        long first = i - i / inner % size * inner;
        double sum = 0;
        for (long j = 0; j < size; j++) {
          sum += Math.exp(x.get(first + j * inner));
        }
        double expected = Math.exp(x.get(i)) / sum;
        assertThat(y.get(i)).as("seed %s", SEED).isCloseTo(expected, within(1e-6));
        assertThat(logs.get(i)).isCloseTo(Math.log(expected), within(1e-5));
      }
    }
  }

  @Test
  void layerNormalisationTakesTheLastAxes() {
    var random = new SplittableRandom(SEED);
    try (Scope scope = new Scope(1 << 18)) {
      Tensor x = Runs.random(scope, random, DType.F32, 3, 4, 5);
      Tensor scale = Runs.random(scope, random, DType.F32, 5);
      Tensor y = Runs.one(scope, new LayerNorm(-2, 0.1), x, scale);
      for (long row = 0; row < 3; row++) {
        double mean = 0;
        double square = 0;
        for (long i = row * 20; i < row * 20 + 20; i++) {
          mean += x.get(i) / 20;
          square += x.get(i) * x.get(i) / 20;
        }
        double rstd = 1 / Math.sqrt(square - mean * mean + 0.1);
        for (long i = row * 20; i < row * 20 + 20; i++) {
          double expected = (x.get(i) - mean) * rstd * scale.get(i % 5);
          assertThat(y.get(i)).as("seed %s", SEED).isCloseTo(expected, within(1e-5));
        }
      }
    }
  }

  @Test
  void positionsOfTheLargestCountEquals() {
    try (Scope scope = new Scope(1 << 16)) {
      Tensor x = scope.of(Shape.of(2, 3), 2, 2, 1, 0, 3, 3);
      assertThat(longs(Runs.one(scope, new ArgMax(1, false, false, false), x)))
          .containsExactly(0, 1);
      assertThat(longs(Runs.one(scope, new ArgMax(-1, true, false, true), x)))
          .containsExactly(1, 2);
      assertThat(longs(Runs.one(scope, new ArgMax(0, false, true, false), x)))
          .containsExactly(1, 0, 0);
    }
  }

  @Test
  void theLargestComeInOrder() {
    try (Scope scope = new Scope(1 << 16)) {
      Tensor x = scope.of(Shape.of(2, 4), 1, 4, 4, 2, 7, 5, 6, 8);
      List<Tensor> top = Runs.all(scope, new TopK(Dim.of(3), 1, true, true), x);
      assertThat(top.get(0).toFloats()).containsExactly(4, 4, 2, 8, 7, 6);
      assertThat(longs(top.get(1))).containsExactly(1, 2, 3, 3, 0, 2);
      List<Tensor> least = Runs.all(scope, new TopK(Dim.of(1), 0, false, true), x);
      assertThat(least.get(0).toFloats()).containsExactly(1, 4, 4, 2);
      assertThat(longs(least.get(1))).containsExactly(0, 0, 0, 0);
    }
  }

  @Test
  void sumsUpToEachElement() {
    try (Scope scope = new Scope(1 << 16)) {
      Tensor x = scope.of(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
      assertThat(Runs.one(scope, new CumSum(1, false, false), x).toFloats())
          .containsExactly(1, 3, 6, 4, 9, 15);
      assertThat(Runs.one(scope, new CumSum(1, true, true), x).toFloats())
          .containsExactly(5, 3, 0, 11, 6, 0);
      assertThat(Runs.one(scope, new CumSum(0, false, false), x).toFloats())
          .containsExactly(1, 2, 3, 5, 7, 9);
    }
  }

  private static long[] longs(Tensor x) {
    long[] values = new long[(int) x.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = x.getLong(i);
    }
    return values;
  }
}
