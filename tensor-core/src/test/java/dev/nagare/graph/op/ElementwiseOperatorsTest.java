package dev.nagare.graph.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Functions of corresponding elements: shape rules, contents, values in any order of memory. */
class ElementwiseOperatorsTest {
  private static final long SEED = 4;
  private static final Dim N = Dim.named("batch");

  @Test
  void namedSizesBroadcast() {
    assertThat(shape(List.of(N, Dim.of(3)), List.of(Dim.ONE, Dim.of(3))))
        .isEqualTo(List.of(N, Dim.of(3)));
    assertThat(shape(List.of(N, Dim.ONE), List.of(Dim.of(5)))).isEqualTo(List.of(N, Dim.of(5)));
    assertThat(shape(List.of(N, Dim.of(3)), List.of())).isEqualTo(List.of(N, Dim.of(3)));
    // beside a number other than 1 a name can only stand for it, or for 1
    assertThat(shape(List.of(N), List.of(Dim.of(4)))).isEqualTo(List.of(Dim.of(4)));
    assertThatThrownBy(() -> shape(List.of(Dim.of(2), Dim.of(3)), List.of(Dim.of(4))))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("[2, 3] and [4] do not broadcast: 3 beside 4");
    assertThatThrownBy(() -> shape(List.of(N), List.of(Dim.named("seq"))))
        .hasMessageContaining("batch beside seq");
  }

  private static List<Dim> shape(List<Dim> a, List<Dim> b) {
    return new Binary(Binary.Function.ADD)
        .infer(List.of(Fact.of(DType.F32, a), Fact.of(DType.F32, b)))
        .getFirst()
        .shape();
  }

  @Test
  void arithmeticOnSizesIsFollowed() {
    Fact sizes = Fact.ofSizes(DType.I64, List.of(N, Dim.of(12)));
    Fact two = new Fact(DType.I64, List.of(), List.of(Dim.of(2)));
    assertThat(contents(Binary.Function.MUL, sizes, two)).containsExactly(N.times(2), Dim.of(24));
    assertThat(contents(Binary.Function.DIV, sizes, two)).containsExactly(N.floorDiv(2), Dim.of(6));
    Fact doubled = Fact.ofSizes(DType.I64, List.of(N.times(2), Dim.of(24)));
    assertThat(contents(Binary.Function.DIV, doubled, two)).containsExactly(N, Dim.of(12));
    Fact minusOne = new Fact(DType.I64, List.of(), List.of(Dim.of(-1)));
    assertThat(contents(Binary.Function.EQUAL, sizes, minusOne))
        .containsExactly(Dim.ZERO, Dim.ZERO);
    assertThat(contents(Binary.Function.EQUAL, sizes, two)).isNull();
    Fact mask = new Fact(DType.BOOL, List.of(Dim.of(2)), List.of(Dim.ZERO, Dim.ONE));
    assertThat(new Where().infer(List.of(mask, two, sizes)).getFirst().contents())
        .containsExactly(N, Dim.of(2));
    assertThat(
            new Reduce(Reduce.Kind.PROD, List.of(0), false)
                .infer(List.of(sizes))
                .getFirst()
                .contents())
        .containsExactly(N.times(12));
  }

  private static @Nullable List<Dim> contents(Binary.Function f, Fact a, Fact b) {
    return new Binary(f).infer(List.of(a, b)).getFirst().contents();
  }

  @ParameterizedTest
  @EnumSource(value = Unary.Function.class, mode = EnumSource.Mode.EXCLUDE, names = "NOT")
  void aFunctionIsItsFormula(Unary.Function f) {
    var random = new SplittableRandom(SEED);
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      try (Scope scope = new Scope(1 << 16)) {
        Tensor x = Runs.random(scope, random, dtype, 2, 5, 3, 7);
        x.set(0, 0.5);
        x.set(1, 1.5);
        boolean positive = f == Unary.Function.LOG || f == Unary.Function.SQRT;
        for (long i = 0; positive && i < x.elements(); i++) {
          x.set(i, Math.abs(x.get(i)));
        }
        Tensor y = Runs.one(scope, new Unary(f), x);
        for (long i = 0; i < x.elements(); i++) {
          double expected = formula(f).applyAsDouble(x.get(i));
          double bound = (dtype == DType.F32 ? 2e-6 : 1e-12) * (1 + Math.abs(expected));
          assertThat(y.get(i))
              .as("%s of %s, %s, seed %s", f, x.get(i), dtype, SEED)
              .isCloseTo(expected, within(bound));
        }
      }
    }
  }

  private static DoubleUnaryOperator formula(Unary.Function f) {
    return switch (f) {
      case RELU -> x -> Math.max(x, 0);
      case SIGMOID -> ElementwiseOperatorsTest::sigmoid;
      case TANH -> Math::tanh;
      case EXP -> Math::exp;
      case LOG -> Math::log;
      case SQRT -> Math::sqrt;
      case NEG -> x -> -x;
      case ABS -> Math::abs;
      case ERF -> ElementwiseOperatorsTest::erf;
      case RECIPROCAL -> x -> 1 / x;
      case FLOOR -> Math::floor;
      case CEIL -> Math::ceil;
      case ROUND -> Math::rint;
      case SIGN -> Math::signum;
      case SOFTPLUS -> x -> Math.log(1 + Math.exp(x));
      case SOFTSIGN -> x -> x / (1 + Math.abs(x));
      case SIN -> Math::sin;
      case COS -> Math::cos;
      case GELU -> x -> x * (1 + erf(x / Math.sqrt(2))) / 2;
      case GELU_TANH ->
          x -> x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))) / 2;
      case SILU -> x -> x * sigmoid(x);
      case HARD_SWISH -> x -> x * Math.min(Math.max(x / 6 + 0.5, 0), 1);
      case NOT -> throw new IllegalArgumentException();
    };
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** By Simpson's rule, which knows nothing of our series. */
  private static double erf(double x) {
    int parts = 2000;
    double h = x / parts;
    double sum = 1 + Math.exp(-x * x);
    for (int i = 1; i < parts; i++) {
      sum += (i % 2 == 1 ? 4 : 2) * Math.exp(-(i * h) * (i * h));
    }
    return 2 / Math.sqrt(Math.PI) * sum * h / 3;
  }

  @Test
  void parametersCount() {
    try (Scope scope = new Scope(1 << 16)) {
      Tensor x = scope.of(Shape.of(5), -3f, -1f, 0f, 1f, 3f);
      assertThat(Runs.one(scope, new LeakyRelu(0.5), x).toFloats())
          .containsExactly(-1.5f, -0.5f, 0f, 1f, 3f);
      assertThat(Runs.one(scope, new HardSigmoid(0.25, 0.5), x).toFloats())
          .containsExactly(0f, 0.25f, 0.5f, 0.75f, 1f);
      assertThat(Runs.one(scope, new Clip(-2, 1.5), x).toFloats())
          .containsExactly(-2f, -1f, 0f, 1f, 1.5f);
      assertThat(Runs.one(scope, new Elu(2), x).toFloats()[1])
          .isEqualTo((float) (2 * Math.expm1(-1)));
      Tensor slope = scope.of(Shape.of(1), 0.25f);
      assertThat(Runs.one(scope, new Binary(Binary.Function.PRELU), x, slope).toFloats())
          .containsExactly(-0.75f, -0.25f, 0f, 1f, 3f);
    }
  }

  @Test
  void integersAreExactAndWrap() {
    try (Scope scope = new Scope(1 << 16)) {
      Tensor a = scope.ofLongs(Shape.of(4), 7, -7, Long.MAX_VALUE, 1L << 60);
      Tensor b = scope.ofLongs(Shape.of(4), 2, 2, 1, 3);
      assertThat(longs(Runs.one(scope, new Binary(Binary.Function.DIV), a, b)))
          .containsExactly(3, -3, Long.MAX_VALUE, (1L << 60) / 3);
      assertThat(longs(Runs.one(scope, new Binary(Binary.Function.ADD), a, b)))
          .containsExactly(9, -5, Long.MIN_VALUE, (1L << 60) + 3);
      assertThat(longs(Runs.one(scope, new Binary(Binary.Function.MOD), a, b))[1]).isEqualTo(1);
      assertThat(longs(Runs.one(scope, new Binary(Binary.Function.REMAINDER), a, b))[1])
          .isEqualTo(-1);
      Tensor bytes = scope.empty(DType.U8, Shape.of(1));
      bytes.set(0, 200);
      assertThat(Runs.one(scope, new Binary(Binary.Function.ADD), bytes, bytes).getLong(0))
          .isEqualTo(144);
    }
  }

  private static long[] longs(Tensor x) {
    long[] values = new long[(int) x.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = x.getLong(i);
    }
    return values;
  }

  @Test
  void imagesMayLieChannelsLast() {
    var random = new SplittableRandom(SEED);
    try (Scope scope = new Scope(1 << 16)) {
      Tensor x = Runs.random(scope, random, DType.F32, 2, 4, 5, 19).permute(0, 3, 1, 2);
      Tensor factor = Runs.random(scope, random, DType.F32, 2, 19, 1, 1);
      Tensor y = scope.empty(DType.F32, Shape.of(2, 4, 5, 19)).permute(0, 3, 1, 2);
      Operator mul = new Binary(Binary.Function.MUL);
      mul.prepare(Runs.KERNELS, List.of(x, factor), List.of(y), scope).run();
      for (long i = 0; i < y.elements(); i++) {
        assertThat(y.get(i)).isEqualTo((float) x.get(i) * (float) factor.get(i / 20));
      }
      new Clip(-1, 1).prepare(Runs.KERNELS, List.of(x), List.of(y), scope).run();
      for (long i = 0; i < y.elements(); i++) {
        assertThat(y.get(i)).isEqualTo(Math.clamp(x.get(i), -1, 1));
      }
    }
  }
}
