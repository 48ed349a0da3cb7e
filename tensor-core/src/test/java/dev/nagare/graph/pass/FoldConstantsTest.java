package dev.nagare.graph.pass;

import static dev.nagare.graph.pass.Example.BATCH;
import static dev.nagare.graph.pass.Example.names;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Expand;
import dev.nagare.graph.op.Unary;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class FoldConstantsTest {

  private static FoldConstants folding(Example example, Derivation derivation) {
    return new FoldConstants(example.kernels, example.memory, derivation);
  }

  @Test
  void whatDependsOnConstantsAloneIsRun() {
    try (var example = new Example()) {
      Value x = example.input("x", BATCH, Dim.of(2));
      Value sum = example.add(example.weight("a", 2), example.weight("b", 2));
      Value out = example.mul(x, example.unary(Unary.Function.NEG, sum));
      Graph after = example.after(out, folding(example, new Derivation()));
      assertThat(names(after)).containsExactly("mul");
      assertThat(after.nodes().getFirst().input(1).isConstant()).isTrue();
    }
  }

  @Test
  void aNumberIsNotRepeatedAMillionTimes() {
    try (var example = new Example()) {
      Value wide = example.graph.add(new Expand(List.of(Dim.of(1 << 20))), example.weight("a", 1));
      example.unchangedBy(folding(example, new Derivation()), wide);
    }
  }

  @Test
  void anotherVersionOfTheParametersGivesOtherConstants() {
    try (var example = new Example()) {
      Value x = example.input("x", BATCH, Dim.of(2));
      Value sum = example.add(example.weight("a", 2), example.weight("b", 2));
      Value other = example.unary(Unary.Function.NEG, example.weight("c", 2));
      Value out = example.add(example.mul(x, example.unary(Unary.Function.NEG, sum)), other);
      var derivation = new Derivation();
      Graph after = example.after(out, folding(example, derivation));
      String folded = after.nodes().getFirst().input(1).name();
      Tensor a = example.memory.of(Shape.of(2), 3, 5);
      Map<String, Tensor> derived =
          derivation.derive(Map.of("a", a), example.kernels, example.memory);
      Tensor b = example.tensor("b");
      assertThat(Objects.requireNonNull(derived.get(folded)).toFloats())
          .containsExactly(-(3 + (float) b.get(0)), -(5 + (float) b.get(1)));
      assertThat(derived).as("what depends on c alone stays").hasSize(2);
    }
  }
}
