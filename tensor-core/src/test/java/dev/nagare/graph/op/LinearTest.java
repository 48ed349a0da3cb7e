package dev.nagare.graph.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.prepared.PostOp;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinearTest {
  private static final Fact X = Fact.of(DType.F32, List.of(Dim.named("n"), Dim.of(2)));

  @Test
  void theLastAxisBecomesTheWeightsColumns() {
    var linear = new Linear(List.of());
    assertThat(linear.infer(Arrays.asList(X, Fact.of(DType.F32, 2, 3), null)).getFirst().shape())
        .containsExactly(Dim.named("n"), Dim.of(3));
    assertThat(
            new Linear(true, List.of())
                .infer(List.of(X, Fact.of(DType.F32, 3, 2)))
                .getFirst()
                .dim(1))
        .isEqualTo(Dim.of(3));
  }

  @Test
  void whatDoesNotFitIsNamedWithItsShapes() {
    var linear = new Linear(List.of());
    assertThatThrownBy(() -> linear.infer(List.of(X, Fact.of(DType.F32, 4, 3))))
        .hasMessage("linear: x [n, 2] does not match weight [4, 3], expected a last axis of 4");
    assertThatThrownBy(
            () -> linear.infer(List.of(X, Fact.of(DType.F32, 2, 3), Fact.of(DType.F32, 2))))
        .hasMessage("linear: bias F32 [2], expected [3]");
    assertThatThrownBy(
            () ->
                linear
                    .with(new PostOp.Combine(PostOp.Combination.ADD))
                    .infer(Arrays.asList(X, Fact.of(DType.F32, 2, 3), null)))
        .hasMessageContaining("expected an input 3");
  }

  @Test
  void postOpsFollowInTheirOrder() {
    try (var memory = new ProcessMemory("test")) {
      var linear =
          new Linear(
              true,
              List.of(
                  new PostOp.Apply(PostOp.Function.RELU),
                  new PostOp.Combine(PostOp.Combination.SUB, true),
                  new PostOp.Combine(PostOp.Combination.MUL)));
      Tensor y = memory.empty(DType.F32, Shape.of(1, 2));
      linear
          .prepare(
              KernelProviders.byName("scalar").kernels(),
              List.of(
                  memory.of(Shape.of(1, 2), 1, 2),
                  memory.of(Shape.of(2, 2), 1, 1, -3, -4),
                  memory.of(Shape.of(2), 10, 0),
                  memory.of(Shape.of(1, 2), 1, 1),
                  memory.of(Shape.of(2), 2, 3)),
              List.of(y),
              memory)
          .run();
      assertThat(y.toFloats()).containsExactly((1 - 13) * 2, (1 - 0) * 3);
    }
  }
}
