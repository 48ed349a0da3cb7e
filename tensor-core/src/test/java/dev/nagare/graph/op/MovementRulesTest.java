package dev.nagare.graph.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MovementRulesTest {
  private static final Dim N = Dim.named("n");

  private static Dim of(long value) {
    return Dim.of(value);
  }

  private static Fact floats(Object... sizes) {
    return Fact.of(DType.F32, dims(sizes));
  }

  private static Fact whole(Object... sizes) {
    return Fact.of(DType.I64, dims(sizes));
  }

  /** A vector of known elements. */
  private static Fact sizes(Object... elements) {
    return Fact.ofSizes(DType.I64, dims(elements));
  }

  private static Fact scalar(long value) {
    return new Fact(DType.I64, List.of(), List.of(of(value)));
  }

  private static List<Dim> dims(Object... sizes) {
    return Arrays.stream(sizes)
        .map(size -> size instanceof Dim dim ? dim : of(((Number) size).longValue()))
        .toList();
  }

  private static Pad pad(Pad.Mode mode, List<Dim> before, List<Dim> after) {
    return new Pad(mode, before, after, 0);
  }

  static Stream<Arguments> shapes() {
    return Stream.of(
        arguments(new Reshape(dims(N, 6)), "F32 [n, 6]", List.of(floats(N, 2, 3))),
        arguments(new Reshape(dims(3)), "I64 [3] = [n, 1, 2]", List.of(sizes(N, 1, 2))),
        arguments(new Transpose(List.of(2, 0, 1)), "F32 [3, n, 2]", List.of(floats(N, 2, 3))),
        arguments(new Concat(1), "F32 [n, 5]", List.of(floats(N, 2), floats(N, 3))),
        arguments(new Concat(-1), "F32 [4, n + 3]", List.of(floats(4, N), floats(4, 3))),
        arguments(new Concat(0), "I64 [3] = [n, 7, -1]", List.of(sizes(N), sizes(7, -1))),
        arguments(
            new Slice(List.of(1), dims(1), dims(N), List.of(1L)),
            "F32 [2, n - 1]",
            List.of(floats(2, N))),
        arguments(
            new Slice(List.of(0), dims(1), dims(6), List.of(2L)), "F32 [3]", List.of(floats(6))),
        arguments(
            new Slice(List.of(0), dims(2), dims(-1), List.of(-1L)),
            "I64 [3] = [7, 6, n]",
            List.of(sizes(N, 6, 7, 8))),
        arguments(new Gather(0), "I64 [] = [n]", List.of(sizes(4, N), scalar(-1))),
        arguments(new Gather(0), "I64 [2] = [n, n]", List.of(sizes(4, N), sizes(1, -1))),
        arguments(new Gather(1), "F32 [2, 5, n, 4]", List.of(floats(2, 3, 4), whole(5, N))),
        arguments(new GatherElements(0), "F32 [2, 3]", List.of(floats(4, 3), whole(2, 3))),
        arguments(new GatherNd(1), "F32 [n, 5, 4]", List.of(floats(N, 3, 4), whole(N, 5, 1))),
        arguments(
            new ScatterElements(1, Combine.ADD),
            "F32 [n, 3]",
            List.of(floats(N, 3), whole(N, 2), floats(N, 2))),
        arguments(
            new ScatterNd(Combine.REPLACE),
            "F32 [n, 3]",
            List.of(floats(N, 3), whole(2, 1), floats(2, 3))),
        arguments(new Expand(dims(N, 1, 3)), "F32 [n, 2, 3]", List.of(floats(2, 1))),
        arguments(new Expand(dims(3)), "I64 [3] = [n, n, n]", List.of(sizes(N))),
        arguments(new Tile(dims(2, N)), "F32 [6, 5·n]", List.of(floats(3, 5))),
        arguments(
            pad(Pad.Mode.EDGE, dims(1, -1), dims(2, 0)), "F32 [n + 3, 4]", List.of(floats(N, 5))),
        arguments(new Trilu(true, 0), "F32 [n, n]", List.of(floats(N, N))),
        arguments(new ConstantOfShape(dims(N, 2), DType.F32, 1), "F32 [n, 2]", List.of()),
        arguments(new ConstantOfShape(dims(2), DType.I64, 7), "I64 [2] = [7, 7]", List.of()),
        arguments(new Range(of(0), N, of(1)), "I64 [n]", List.of()),
        arguments(new Range(of(5), of(0), of(-2)), "I64 [3] = [5, 3, 1]", List.of()),
        arguments(new Range(of(5), of(0), of(1)), "I64 [0] = []", List.of()),
        arguments(new Shape(0, 9), "I64 [3] = [n, 2, 3]", List.of(floats(N, 2, 3))),
        arguments(new Shape(-2, -1), "I64 [1] = [2]", List.of(floats(N, 2, 3))),
        arguments(new Size(), "I64 [] = [6·n]", List.of(floats(N, 2, 3))),
        arguments(new OneHot(of(5), 1), "F32 [n, 5, 2]", List.of(whole(N, 2), floats(2))),
        arguments(new Cast(DType.I32), "I32 [2] = [n, 3]", List.of(sizes(N, 3))),
        arguments(new Cast(DType.BOOL), "BOOL [2] = [0, 1]", List.of(sizes(0, 3))),
        arguments(new Cast(DType.BOOL), "BOOL [1]", List.of(sizes(N))),
        arguments(new Cast(DType.F32), "F32 [1]", List.of(sizes(3))),
        arguments(new Dropout(), "F32 [n]", List.of(floats(N))),
        arguments(new Identity(), "I64 [1] = [n]", List.of(sizes(N))));
  }

  @ParameterizedTest(name = "{0} of {2}")
  @MethodSource
  void shapes(Operator operator, String expected, List<Fact> inputs) {
    assertThat(operator.infer(new ArrayList<>(inputs)).getFirst()).hasToString(expected);
  }

  @Test
  void partsOfASplitKnowTheirContents() {
    List<Fact> parts = new Split(0, dims(1, 2)).infer(List.of(sizes(N, 2, 3)));
    assertThat(parts.toString()).isEqualTo("[I64 [1] = [n], I64 [2] = [2, 3]]");
    parts = new Split(-1, dims(1, N)).infer(List.of(floats(4, N.plus(1))));
    assertThat(parts.toString()).isEqualTo("[F32 [4, 1], F32 [4, n]]");
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        arguments(new Reshape(dims(4)), "has 6 elements", List.of(floats(2, 3))),
        arguments(new Transpose(List.of(0, 0)), "each axis", List.of(floats(2, 3))),
        arguments(new Concat(0), "axis 1 differs", List.of(floats(2, 3), floats(2, 4))),
        arguments(new Concat(2), "axis 2", List.of(floats(2, 3))),
        arguments(new Concat(0), "one dtype", List.of(floats(2), whole(2))),
        arguments(new Split(0, dims(2, 2)), "of axis 0", List.of(floats(5))),
        arguments(new Split(0, dims(-1, 6)), "sizes", List.of(floats(5))),
        arguments(new Slice(List.of(0), dims(0), dims(6), List.of(1L)), "to 6", List.of(floats(5))),
        arguments(
            new Slice(List.of(0), dims(3), dims(2), List.of(1L)), "from 3", List.of(floats(5))),
        arguments(
            new Slice(List.of(0), dims(5), dims(0), List.of(-1L)), "from 5", List.of(floats(5))),
        arguments(new Gather(0), "I64 or I32", List.of(floats(5), floats(2))),
        arguments(new Gather(0), "index 2", List.of(sizes(5, 6), sizes(2))),
        arguments(new GatherElements(1), "no larger", List.of(floats(2, 3), whole(3, 3))),
        arguments(new GatherNd(0), "indices", List.of(floats(2, 3), whole(2, 3))),
        arguments(
            new ScatterNd(Combine.ADD),
            "expected [2, 3]",
            List.of(floats(4, 3), whole(2, 1), floats(2, 4))),
        arguments(new Expand(dims(3)), "do not broadcast", List.of(floats(2))),
        arguments(new Tile(dims(3)), "repeated", List.of(floats(2, 2))),
        arguments(pad(Pad.Mode.CONSTANT, dims(-3), dims(-3)), "axis 0 of [5]", List.of(floats(5))),
        arguments(new Trilu(true, 0), "two axes", List.of(floats(5))),
        arguments(new ConstantOfShape(dims(-1), DType.F32, 0), "[-1]", List.of()),
        arguments(new Range(of(0), of(5), of(0)), "steps of 0", List.of()),
        arguments(new OneHot(of(3), 0), "expected [2]", List.of(whole(2), floats(3))),
        arguments(new Size(), "input 0", List.of()));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource
  void refusals(Operator operator, String reason, List<Fact> inputs) {
    assertThatThrownBy(() -> operator.infer(new ArrayList<>(inputs)))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void whatNamesLeaveOpenIsCheckedWhenTheyAreBound() {
    var slice = new Slice(List.of(0), dims(0), dims(N), List.of(1L));
    assertThat(slice.infer(List.of(floats(512))).getFirst()).hasToString("F32 [n]");
    assertThatThrownBy(() -> slice.bind(Map.of("n", 513L)).infer(List.of(floats(512))))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("to 513");
    var split = new Split(0, dims(N, N));
    assertThat(split.infer(List.of(floats(6)))).hasSize(2);
    assertThatThrownBy(() -> split.bind(Map.of("n", 2L)).infer(List.of(floats(6))))
        .hasMessageContaining("sizes [2, 2]");
  }

  @Test
  void aBoundOperatorHasNumbersWhereNamesWere() {
    Map<String, Long> three = Map.of("n", 3L);
    assertThat(new Reshape(dims(N, 2)).bind(three)).isEqualTo(new Reshape(dims(3, 2)));
    assertThat(new Expand(dims(N)).bind(three)).isEqualTo(new Expand(dims(3)));
    assertThat(new Tile(dims(N)).bind(three)).isEqualTo(new Tile(dims(3)));
    assertThat(new Range(N, N, of(1)).bind(three)).isEqualTo(new Range(of(3), of(3), of(1)));
    assertThat(new OneHot(N, 0).bind(three)).isEqualTo(new OneHot(of(3), 0));
    assertThat(new Split(0, dims(N)).bind(three)).isEqualTo(new Split(0, dims(3)));
    assertThat(pad(Pad.Mode.WRAP, dims(N), dims(N)).bind(three))
        .isEqualTo(pad(Pad.Mode.WRAP, dims(3), dims(3)));
    assertThat(new ConstantOfShape(dims(N), DType.F32, 1).bind(three))
        .isEqualTo(new ConstantOfShape(dims(3), DType.F32, 1));
  }
}
