package dev.nagare.graph.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Each operator on numbers small enough to be followed by hand, in every dtype that holds them. */
class MovementValuesTest {
  private final Scope scope = new Scope(1 << 14);

  @AfterEach
  void close() {
    scope.close();
  }

  record Given(List<Long> shape, List<Long> values) {}

  private static Given x(List<Integer> shape, int... values) {
    return new Given(
        shape.stream().map(Integer::longValue).toList(),
        Arrays.stream(values).mapToObj(Long::valueOf).toList());
  }

  private static List<Dim> dims(int... sizes) {
    return Arrays.stream(sizes).mapToObj(Dim::of).toList();
  }

  private static Pad pad(Pad.Mode mode, List<Dim> before, List<Dim> after) {
    return new Pad(mode, before, after, 9);
  }

  private static final Given TWO_BY_THREE = x(List.of(2, 3), 1, 2, 3, 4, 5, 6);

  /** Operator, first input, what it makes; further inputs are of the dtype that they must have. */
  static Stream<Arguments> values() {
    return Stream.of(
        arguments(new Identity(), TWO_BY_THREE, TWO_BY_THREE),
        arguments(new Dropout(), TWO_BY_THREE, TWO_BY_THREE),
        arguments(new Reshape(dims(3, 2)), TWO_BY_THREE, x(List.of(3, 2), 1, 2, 3, 4, 5, 6)),
        arguments(new Transpose(List.of(1, 0)), TWO_BY_THREE, x(List.of(3, 2), 1, 4, 2, 5, 3, 6)),
        arguments(
            new Slice(List.of(1), dims(0), dims(3), List.of(2L)),
            TWO_BY_THREE,
            x(List.of(2, 2), 1, 3, 4, 6)),
        arguments(
            new Slice(List.of(0, 1), dims(1, 2), dims(-1, -1), List.of(-1L, -2L)),
            TWO_BY_THREE,
            x(List.of(2, 2), 6, 4, 3, 1)),
        arguments(
            new Slice(List.of(0), dims(1), dims(1), List.of(7L)), TWO_BY_THREE, x(List.of(0, 3))),
        arguments(
            new Expand(dims(2, 1, 1)), x(List.of(1, 2), 1, 2), x(List.of(2, 1, 2), 1, 2, 1, 2)),
        arguments(
            new Tile(dims(2, 2)), x(List.of(1, 2), 1, 2), x(List.of(2, 4), 1, 2, 1, 2, 1, 2, 1, 2)),
        arguments(new Trilu(true, 0), TWO_BY_THREE, x(List.of(2, 3), 1, 2, 3, 0, 5, 6)),
        arguments(new Trilu(true, 2), TWO_BY_THREE, x(List.of(2, 3), 0, 0, 3, 0, 0, 0)),
        arguments(new Trilu(false, -1), TWO_BY_THREE, x(List.of(2, 3), 0, 0, 0, 4, 0, 0)),
        arguments(
            new Trilu(false, Long.MAX_VALUE), TWO_BY_THREE, x(List.of(2, 3), 1, 2, 3, 4, 5, 6)),
        arguments(
            new Trilu(true, Long.MIN_VALUE), TWO_BY_THREE, x(List.of(2, 3), 1, 2, 3, 4, 5, 6)),
        arguments(
            pad(Pad.Mode.CONSTANT, dims(1, -1), dims(0, 1)),
            TWO_BY_THREE,
            x(List.of(3, 3), 9, 9, 9, 2, 3, 9, 5, 6, 9)),
        arguments(pad(Pad.Mode.CONSTANT, dims(5), dims(-4)), x(List.of(1), 7), x(List.of(2), 9, 9)),
        arguments(
            pad(Pad.Mode.EDGE, dims(0, 2), dims(0, 1)),
            x(List.of(1, 2), 1, 2),
            x(List.of(1, 5), 1, 1, 1, 2, 2)),
        arguments(
            pad(Pad.Mode.REFLECT, dims(3), dims(2)),
            x(List.of(3), 1, 2, 3),
            x(List.of(8), 2, 3, 2, 1, 2, 3, 2, 1)),
        arguments(
            pad(Pad.Mode.REFLECT, dims(1), dims(1)), x(List.of(1), 5), x(List.of(3), 5, 5, 5)),
        arguments(
            pad(Pad.Mode.WRAP, dims(1), dims(2)),
            x(List.of(3), 1, 2, 3),
            x(List.of(6), 3, 1, 2, 3, 1, 2)),
        arguments(new Concat(0), TWO_BY_THREE, TWO_BY_THREE));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void values(Operator operator, Given input, Given expected) {
    for (DType dtype : DType.values()) {
      if (dtype == DType.BOOL) {
        continue;
      }
      Tensor y = run(operator, tensor(dtype, input)).getFirst();
      assertThat(y.shape().toArray())
          .as("%s", dtype)
          .containsExactly(expected.shape.stream().mapToLong(Long::longValue).toArray());
      assertThat(read(y)).as("%s", dtype).isEqualTo(expected.values);
      assertThat(y.dtype()).isEqualTo(dtype);
    }
  }

  private Tensor tensor(DType dtype, Given given) {
    Tensor tensor =
        scope.empty(
            dtype,
            dev.nagare.tensor.Shape.of(given.shape.stream().mapToLong(Long::longValue).toArray()));
    for (int i = 0; i < given.values.size(); i++) {
      tensor.setLong(i, given.values.get(i));
    }
    return tensor;
  }

  private static List<Long> read(Tensor tensor) {
    List<Long> values = new ArrayList<>();
    for (long i = 0; i < tensor.elements(); i++) {
      values.add(tensor.getLong(i));
    }
    return values;
  }

  private List<Tensor> run(Operator operator, @Nullable Tensor... inputs) {
    List<@Nullable Fact> facts = new ArrayList<>();
    for (Tensor input : inputs) {
      facts.add(input == null ? null : Fact.of(input.dtype(), input.shape().toArray()));
    }
    List<Tensor> outputs = new ArrayList<>();
    for (Fact fact : operator.infer(facts)) {
      outputs.add(scope.empty(fact.dtype(), fact.toShape()));
    }
    Operator.Step step =
        operator.prepare(
            KernelProviders.byName("scalar").kernels(), Arrays.asList(inputs), outputs, scope);
    step.run();
    step.run(); // again, on what the first run left
    return outputs;
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "I64", "I32", "U8", "BF16", "F64"})
  void partsAreJoinedAndTakenApart(DType dtype) {
    Tensor a = tensor(dtype, x(List.of(2, 1), 1, 2));
    Tensor b = tensor(dtype, x(List.of(2, 2), 3, 4, 5, 6));
    Tensor both = run(new Concat(1), a, b).getFirst();
    assertThat(read(both)).containsExactly(1L, 3L, 4L, 2L, 5L, 6L);
    List<Tensor> parts = run(new Split(-1, dims(1, 0, 2)), both);
    assertThat(read(parts.get(0))).isEqualTo(read(a));
    assertThat(parts.get(1).shape()).isEqualTo(dev.nagare.tensor.Shape.of(2, 0));
    assertThat(read(parts.get(2))).isEqualTo(read(b));
  }

  @ParameterizedTest
  @EnumSource(names = {"I64", "I32"})
  void elementsAreChosenByIndex(DType which) {
    Tensor table = tensor(DType.F32, TWO_BY_THREE);
    Tensor indices = tensor(which, x(List.of(1, 2), 2, -3));
    assertThat(read(run(new Gather(1), table, indices).getFirst())).containsExactly(3L, 1L, 6L, 4L);
    Tensor rows = tensor(which, x(List.of(3), 1, 0, -1));
    assertThat(read(run(new Gather(0), table, rows).getFirst()))
        .containsExactly(4L, 5L, 6L, 1L, 2L, 3L, 4L, 5L, 6L);
    Tensor elements = tensor(which, x(List.of(2, 2), 0, -1, 1, 1));
    assertThat(read(run(new GatherElements(1), table, elements).getFirst()))
        .containsExactly(1L, 3L, 5L, 5L);
    Tensor pairs = tensor(which, x(List.of(2, 2), 0, 1, -1, 2));
    assertThat(read(run(new GatherNd(0), table, pairs).getFirst())).containsExactly(2L, 6L);
    Tensor perRow = tensor(which, x(List.of(2, 1), 2, 0));
    assertThat(read(run(new GatherNd(1), table, perRow).getFirst())).containsExactly(3L, 4L);
  }

  @Test
  void anIndexThatIsNoPositionIsRefusedWhenItIsMet() {
    Tensor table = tensor(DType.F32, TWO_BY_THREE);
    for (int bad : new int[] {3, -4, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      Tensor index = tensor(DType.I64, x(List.of(1, 1), bad));
      for (Operator operator : List.of(new Gather(1), new GatherElements(1))) {
        assertThatThrownBy(() -> run(operator, table, index))
            .isInstanceOf(TensorException.class)
            .hasMessageContaining("index " + bad + " of 3 positions");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "I64"})
  void elementsAreScattered(DType dtype) {
    Tensor x = tensor(dtype, TWO_BY_THREE);
    Tensor indices = tensor(DType.I64, x(List.of(1, 2), 1, 1));
    Tensor updates = tensor(dtype, x(List.of(1, 2), 10, 20));
    assertThat(read(run(scatter(Combine.REPLACE), x, indices, updates).getFirst()))
        .containsExactly(1L, 20L, 3L, 4L, 5L, 6L);
    assertThat(read(run(scatter(Combine.ADD), x, indices, updates).getFirst()))
        .containsExactly(1L, 32L, 3L, 4L, 5L, 6L);
    assertThat(read(run(scatter(Combine.MUL), x, indices, updates).getFirst()))
        .containsExactly(1L, 400L, 3L, 4L, 5L, 6L);
    assertThat(read(run(scatter(Combine.MAX), x, indices, updates).getFirst()))
        .containsExactly(1L, 20L, 3L, 4L, 5L, 6L);
    assertThat(read(run(scatter(Combine.MIN), x, indices, updates).getFirst()))
        .containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    Tensor rows = tensor(DType.I64, x(List.of(1, 1), -1));
    Tensor row = tensor(dtype, x(List.of(1, 3), 7, 8, 9));
    assertThat(read(run(new ScatterNd(Combine.REPLACE), x, rows, row).getFirst()))
        .containsExactly(1L, 2L, 3L, 7L, 8L, 9L);
  }

  private static Operator scatter(Combine combine) {
    return new ScatterElements(1, combine);
  }

  @Test
  void tensorsAreMadeOfNumbers() {
    for (DType dtype : DType.values()) {
      Tensor ones = run(new ConstantOfShape(dims(3, 5), dtype, 1)).getFirst();
      assertThat(read(ones)).hasSize(15).containsOnly(1L);
    }
    Tensor nan = run(new ConstantOfShape(dims(2), DType.F32, -0.0)).getFirst();
    assertThat(1 / nan.get(1)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(read(run(new Range(Dim.of(7), Dim.of(0), Dim.of(-3))).getFirst()))
        .containsExactly(7L, 4L, 1L);
    Tensor x = tensor(DType.F32, TWO_BY_THREE);
    assertThat(read(run(new Shape(-1, 9), x).getFirst())).containsExactly(3L);
    assertThat(read(run(new Size(), x).getFirst())).containsExactly(6L);
  }

  @Test
  void classesBecomeRows() {
    Tensor classes = tensor(DType.I64, x(List.of(3), 1, -1, 5));
    Tensor values = tensor(DType.F32, x(List.of(2), 7, 8));
    assertThat(read(run(new OneHot(Dim.of(3), -1), classes, values).getFirst()))
        .containsExactly(7L, 8L, 7L, 7L, 7L, 8L, 7L, 7L, 7L);
    assertThat(read(run(new OneHot(Dim.of(2), 0), classes, values).getFirst()))
        .containsExactly(7L, 7L, 7L, 8L, 8L, 7L);
  }

  @Test
  void elementsAreCast() {
    Tensor x = scope.of(dev.nagare.tensor.Shape.of(4), 1.9f, -1.9f, 0, 300);
    assertThat(read(run(new Cast(DType.I64), x).getFirst())).containsExactly(1L, -1L, 0L, 300L);
    assertThat(read(run(new Cast(DType.U8), x).getFirst())).containsExactly(1L, 0L, 0L, 255L);
    assertThat(read(run(new Cast(DType.BOOL), x).getFirst())).containsExactly(1L, 1L, 0L, 1L);
    assertThat(run(new Cast(DType.F32), x).getFirst().toFloats()).isEqualTo(x.toFloats());
    Tensor large = scope.ofLongs(dev.nagare.tensor.Shape.of(1), (1L << 53) + 1);
    assertThat(run(new Cast(DType.I64), large).getFirst().getLong(0)).isEqualTo((1L << 53) + 1);
  }

  @Test
  void imagesMayLieInEitherOrder() {
    Tensor x = tensor(DType.F32, new Given(List.of(1L, 2L, 3L, 4L), upTo(24)));
    Tensor last =
        scope.empty(DType.F32, dev.nagare.tensor.Shape.of(1, 3, 4, 2)).permute(0, 3, 1, 2);
    last.copyFrom(x);
    for (Operator operator :
        List.of(
            new Concat(1),
            new Split(1, dims(1, 1)),
            new Slice(List.of(1, 3), dims(1, 3), dims(-1, 0), List.of(-1L, -1L)),
            new Transpose(List.of(0, 2, 3, 1)),
            pad(Pad.Mode.CONSTANT, dims(0, 1, 2, 0), dims(0, 0, 1, 1)))) {
      assertThat(operator.order()).isEqualTo(Operator.Order.ANY);
      assertThat(read(run(operator, last).getFirst()))
          .as("%s", operator)
          .isEqualTo(read(run(operator, x).getFirst()));
    }
  }

  private static List<Long> upTo(int n) {
    return java.util.stream.LongStream.range(0, n).boxed().toList();
  }
}
