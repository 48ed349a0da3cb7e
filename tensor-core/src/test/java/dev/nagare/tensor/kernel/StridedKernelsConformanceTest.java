package dev.nagare.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Pointwise.Function;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleBinaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Kernels whose operands have any strides, against a plain computation in f64. */
class StridedKernelsConformanceTest {
  private static final long SEED = 20261125;
  private static final int ROUNDS = 60;

  private final Scope scope = new Scope(1 << 20);

  @AfterEach
  void close() {
    scope.close();
  }

  private static double epsilon(DType dtype) {
    return dtype == DType.F32 ? 0x1p-23 : 0x1p-52;
  }

  private static List<DType> dtypes() {
    return List.of(DType.F32, DType.F64);
  }

  /** A view with gaps and another order of axes, some of size 1, that broadcasts to a shape. */
  private Tensor operand(SplittableRandom random, DType dtype, Shape to) {
    int rank = random.nextInt(4) == 0 ? random.nextInt(to.rank() + 1) : to.rank();
    long[] dims = new long[rank];
    for (int i = 0; i < rank; i++) {
      dims[i] = random.nextInt(4) == 0 ? 1 : to.dim(i + to.rank() - rank);
    }
    return view(random, dtype, dims);
  }

  private Tensor view(SplittableRandom random, DType dtype, long... dims) {
    int rank = dims.length;
    int shift = rank == 0 ? 0 : random.nextInt(rank);
    int gap = random.nextInt(3) == 0 ? 2 : 1;
    long[] stored = new long[rank];
    int[] back = new int[rank];
    for (int i = 0; i < rank; i++) {
      stored[(i + shift) % rank] = dims[i] * gap;
      back[i] = (i + shift) % rank;
    }
    Tensor view = scope.empty(dtype, Shape.of(stored)).permute(back);
    for (int i = 0; i < rank; i++) {
      view = view.slice(i, 0, view.dim(i), gap);
    }
    for (long i = 0; i < view.elements(); i++) {
      view.set(i, 0.25 + random.nextDouble() * 2);
    }
    return view;
  }

  private static Shape shape(SplittableRandom random) {
    long[] dims = new long[random.nextInt(5)];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = random.nextInt(8) == 0 ? 40 : random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(4);
    }
    return Shape.of(dims);
  }

  private static double expected(Function f, double a, double b) {
    return switch (f) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case MAXIMUM -> Math.max(a, b);
      case MINIMUM -> Math.min(a, b);
      case POW -> Math.pow(a, b);
      case SAME -> a == b ? 1 : 0;
    };
  }

  private static double slope(Function f, boolean byA, double a, double b) {
    return switch (f) {
      case ADD -> 1;
      case SUB -> byA ? 1 : -1;
      case MUL -> byA ? b : a;
      case DIV -> byA ? 1 / b : -a / (b * b);
      case MAXIMUM -> a == b ? 0.5 : a > b == byA ? 1 : 0;
      case MINIMUM -> a == b ? 0.5 : a < b == byA ? 1 : 0;
      case POW -> byA ? b * Math.pow(a, b - 1) : Math.pow(a, b) * Math.log(a);
      case SAME -> 0;
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void functionsOfTwoArgumentsAreRoundedOnce(String provider) {
    Pointwise kernels = KernelProviders.byName(provider).kernels().pointwise();
    SplittableRandom random = new SplittableRandom(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      for (DType dtype : dtypes()) {
        scope.reset();
        Shape shape = shape(random);
        Tensor a = operand(random, dtype, shape);
        Tensor b = round % 7 == 0 ? a : operand(random, dtype, shape);
        Tensor dy = scope.empty(dtype, shape);
        dy.fill(2);
        for (Function f : Function.values()) {
          Tensor out = scope.empty(dtype, shape);
          double bound = (f == Function.POW ? 4 : 1) * epsilon(dtype);
          kernels.binary(f, a, b, out);
          compare(out, a, b, bound, (x, y) -> expected(f, x, y));
          for (boolean byA : new boolean[] {true, false}) {
            kernels.slope(f, byA, a, b, dy, out);
            compare(out, a, b, 6 * epsilon(dtype), (x, y) -> 2 * slope(f, byA, x, y));
          }
        }
      }
    }
  }

  private static void compare(
      Tensor out, Tensor a, Tensor b, double bound, DoubleBinaryOperator expected) {
    Tensor left = a.expand(out.shape().toArray());
    Tensor right = b.expand(out.shape().toArray());
    for (long i = 0; i < out.elements(); i++) {
      double value = expected.applyAsDouble(left.get(i), right.get(i));
      assertThat(out.get(i)).isCloseTo(value, within(bound * Math.abs(value)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void sumsAndExtremesOverAxesAreAccurate(String provider) {
    Reductions kernels = KernelProviders.byName(provider).kernels().reductions();
    SplittableRandom random = new SplittableRandom(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      for (DType dtype : dtypes()) {
        scope.reset();
        Shape shape = shape(random);
        Tensor x = view(random, dtype, shape.toArray());
        Tensor y = operand(random, dtype, shape);
        double[] sums = new double[(int) y.elements()];
        double[] largest = new double[sums.length];
        int[] count = new int[sums.length];
        Arrays.setAll(sums, y::get);
        Arrays.fill(largest, Double.NEGATIVE_INFINITY);
        Tensor which = positions(y).expand(shape.toArray());
        for (long i = 0; i < x.elements(); i++) {
          int to = (int) which.getLong(i);
          sums[to] += 0.5 * x.get(i);
          largest[to] = Math.max(largest[to], x.get(i));
          count[to]++;
        }
        kernels.addSum(0.5, x, y);
        for (int i = 0; i < sums.length; i++) {
          double bound = (count[i] + 2) * epsilon(dtype) * Math.abs(sums[i]);
          assertThat(y.get(i)).as("%s to %s", x, y).isCloseTo(sums[i], within(bound));
        }
        if (x.elements() > 0) {
          kernels.extreme(true, x, y);
          for (int i = 0; i < sums.length; i++) {
            assertThat(y.get(i)).isEqualTo(largest[i]);
          }
        }
      }
    }
  }

  /** In the shape of y, each position's number. */
  private Tensor positions(Tensor y) {
    Tensor numbers = scope.empty(DType.I64, y.shape());
    for (long i = 0; i < y.elements(); i++) {
      numbers.setLong(i, i);
    }
    return numbers;
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void positionsOfExtremesAreTheFirst(String provider) {
    Reductions kernels = KernelProviders.byName(provider).kernels().reductions();
    for (DType dtype : dtypes()) {
      Tensor x = scope.of(Shape.of(2, 4), 1, 5, 5, 2, -1, -7, 3, -7).to(dtype, scope);
      Tensor rows = scope.empty(DType.I64, Shape.of(2, 1));
      kernels.argExtreme(true, x, 1, rows);
      assertThat(Matrices.elements(rows)).containsExactly(1, 2);
      kernels.argExtreme(false, x, -1, rows);
      assertThat(Matrices.elements(rows)).containsExactly(0, 1);
      Tensor columns = scope.empty(DType.I64, Shape.of(4, 1));
      kernels.argExtreme(true, x.transpose(0, 1), 1, columns);
      assertThat(Matrices.elements(columns)).containsExactly(0, 0, 0, 0);
      x.set(6, Double.NaN);
      kernels.argExtreme(true, x, 1, rows);
      assertThat(Matrices.elements(rows)).containsExactly(1, 2);
      kernels.argExtreme(false, x, 1, rows);
      assertThat(Matrices.elements(rows)).containsExactly(0, 2);
      Tensor out = scope.empty(dtype, Shape.of(2, 1));
      kernels.extreme(false, x, out);
      assertThat(out.get(1)).isNaN();
    }
  }

  @ParameterizedTest
  @EnumSource
  void elementsOfEveryDtypeAreGathered(DType dtype) {
    Indexing kernels = KernelProviders.byName("scalar").kernels().indexing();
    Tensor x = scope.empty(dtype, Shape.of(3, 2));
    for (int i = 0; i < 6; i++) {
      x.setLong(i, i % 2 == 0 ? 1 : 0);
    }
    Tensor index = scope.ofLongs(Shape.of(2, 2), 2, 0, 1, 1);
    Tensor out = scope.empty(dtype, Shape.of(2, 2));
    kernels.gather(x, 0, index, out);
    assertThat(Matrices.elements(out)).containsExactly(1, 0, 1, 0);
    Tensor across = scope.empty(dtype, Shape.of(2, 2)).transpose(0, 1);
    kernels.gather(x.transpose(0, 1), 1, index.transpose(0, 1), across);
    assertThat(Matrices.elements(across.transpose(0, 1))).containsExactly(1, 0, 1, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void whatIsAddedTwiceToOnePlaceCountsTwice(String provider) {
    Indexing kernels = KernelProviders.byName(provider).kernels().indexing();
    for (DType dtype : dtypes()) {
      Tensor x = scope.of(Shape.of(3, 2), 1, 2, 3, 4, 5, 6).to(dtype, scope);
      Tensor index = scope.ofLongs(Shape.of(3, 1), 1, 0, 1).expand(3, 2);
      Tensor out = scope.zeros(dtype, Shape.of(2, 2));
      kernels.scatterAdd(x, 0, index, out);
      assertThat(Matrices.elements(out)).containsExactly(3, 4, 6, 8);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void argumentsThatDoNotFitAreNamed(String provider) {
    Kernels all = KernelProviders.byName(provider).kernels();
    Tensor x = scope.zeros(DType.F32, Shape.of(2, 3));
    Tensor y = scope.zeros(DType.F32, Shape.of(4));
    Tensor out = scope.zeros(DType.F32, Shape.of(2, 3));
    Pointwise pointwise = all.pointwise();
    refused(
        () -> pointwise.binary(Function.DIV, x, y, out),
        "div: b [4] cannot be broadcast to [2, 3]");
    refused(() -> pointwise.binary(Function.ADD, x, x, x), "add: a [2, 3] overlaps out [2, 3]");
    refused(
        () -> pointwise.binary(Function.ADD, x, x.to(DType.F64, scope), out),
        "add: b is F64 [2, 3], expected F32");
    refused(
        () ->
            pointwise.binary(
                Function.ADD, x, x, scope.zeros(DType.F32, Shape.of(3, 2)).transpose(0, 1)),
        "contiguous(memory)");
    Tensor mask = scope.zeros(DType.BOOL, Shape.of(2, 3));
    refused(() -> pointwise.where(x, x, x, out), "where: condition is F32 [2, 3], expected BOOL");
    refused(() -> pointwise.where(mask, mask, mask, mask), "where: expected F32 or F64");
    refused(() -> pointwise.compare(Pointwise.Comparison.EQ, x, x, out), "compare: out is F32");
    refused(() -> pointwise.clamp(2, 1, x, out), "clamp: expected low <= high, got 2.0 and 1.0");
    refused(() -> pointwise.clamp(Double.NaN, 1, x, out), "clamp");
    Reductions reductions = all.reductions();
    refused(() -> reductions.addSum(1, x, y), "addSum: y [4] cannot be broadcast to [2, 3]");
    refused(() -> reductions.addSum(1, x, x.narrow(0, 1)), "overlaps");
    refused(
        () -> reductions.extreme(true, x.narrow(0, 0), scope.zeros(DType.F32, Shape.of(1, 3))),
        "max: of no element");
    Tensor index = scope.ofLongs(Shape.of(2, 2), 0, 1, 2, 3);
    Tensor chosen = scope.zeros(DType.F32, Shape.of(2, 2));
    Indexing indexing = all.indexing();
    refused(() -> indexing.gather(x, 1, index, chosen), "gather: index 3 along axis 1 of [2, 3]");
    refused(() -> indexing.gather(x, 2, index, chosen), "gather: index [2, 2]");
    refused(() -> indexing.gather(x, 1, index, out), "out [2, 3] along axis 1");
    refused(() -> indexing.gather(x, 1, chosen, chosen), "index is F32");
    refused(() -> indexing.scatterAdd(chosen, 1, index, x), "scatterAdd: index 3");
    assertThat(x.toFloats()).containsOnly(0);
  }

  @Test
  void whatIsNotANumberWinsAndStays() {
    for (String provider : KernelProviders.names()) {
      Pointwise kernels = KernelProviders.byName(provider).kernels().pointwise();
      Tensor x = scope.zeros(DType.F32, Shape.of(40));
      Tensor nan = scope.zeros(DType.F32, Shape.of(40));
      nan.fill(Double.NaN);
      Tensor out = scope.zeros(DType.F32, Shape.of(40));
      for (Function f : List.of(Function.MAXIMUM, Function.MINIMUM)) {
        kernels.binary(f, x, nan, out);
        assertThat(out.toFloats()).containsOnly(Float.NaN);
        kernels.binary(f, nan, x, out);
        assertThat(out.toFloats()).containsOnly(Float.NaN);
      }
      kernels.clamp(-1, 1, nan, out);
      assertThat(out.toFloats()).containsOnly(Float.NaN);
      kernels.binary(Function.SAME, nan, nan, out);
      assertThat(out.toFloats()).containsOnly(1);
    }
  }

  /** The vector kernels have the bits of the scalar ones. */
  @Test
  void widthDoesNotShowInTheBits() {
    Kernels scalar = KernelProviders.byName("scalar").kernels();
    Kernels vector = KernelProviders.byName("vector").kernels();
    SplittableRandom random = new SplittableRandom(SEED);
    for (int round = 0; round < 4 * ROUNDS; round++) {
      scope.reset();
      Shape shape = Shape.of(1 + random.nextInt(3), 1 + random.nextInt(70));
      Tensor a = operand(random, DType.F32, shape);
      Tensor b = operand(random, DType.F32, shape);
      for (Function f : Function.values()) {
        Tensor one = scope.empty(DType.F32, shape);
        Tensor two = scope.empty(DType.F32, shape);
        scalar.pointwise().binary(f, a, b, one);
        vector.pointwise().binary(f, a, b, two);
        assertThat(one.segment().mismatch(two.segment())).as("%s %s %s", f, a, b).isEqualTo(-1);
      }
      Tensor x = view(random, DType.F32, shape.toArray());
      Tensor y = operand(random, DType.F32, shape).contiguous(scope);
      Tensor other = y.keep(scope);
      scalar.reductions().addSum(0.3, x, y);
      vector.reductions().addSum(0.3, x, other);
      assertThat(y.segment().mismatch(other.segment())).as("%s to %s", x, y).isEqualTo(-1);
    }
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TensorException.class,
            e -> assertThat(e.kind()).isEqualTo(TensorException.Kind.MISMATCH))
        .hasMessageContaining(message);
  }
}
