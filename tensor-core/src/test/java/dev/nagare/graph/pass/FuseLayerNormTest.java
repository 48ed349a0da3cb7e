package dev.nagare.graph.pass;

import static dev.nagare.graph.pass.Example.BATCH;
import static dev.nagare.graph.pass.Example.SEQ;
import static dev.nagare.graph.pass.Example.operators;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.LayerNorm;
import dev.nagare.graph.op.Reduce;
import dev.nagare.graph.op.Unary;
import java.util.List;
import org.junit.jupiter.api.Test;

class FuseLayerNormTest {

  static Value pieces(Example e, Value x, Value scale, Value bias, List<Integer> axes) {
    Value mean = e.graph.add(new Reduce(Reduce.Kind.MEAN, axes, true), x);
    Value d = e.binary(Binary.Function.SUB, x, mean);
    Value square = e.binary(Binary.Function.POW, d, e.number(2));
    Value variance = e.graph.add(new Reduce(Reduce.Kind.MEAN, axes, true), square);
    Value root = e.unary(Unary.Function.SQRT, e.add(variance, e.number(1.0 / 1024)));
    return e.add(e.mul(e.div(d, root), scale), bias);
  }

  @Test
  void theNinePiecesOfAnExportAreOneNormalisation() {
    try (var e = new Example()) {
      Value x = e.input("x", BATCH, SEQ, Dim.of(6));
      Value y = pieces(e, x, e.weight("scale", 6), e.weight("bias", 6), List.of(-1));
      Graph after = e.after(y, new FuseLayerNorm());
      assertThat(operators(after)).containsExactly(new LayerNorm(-1, 1.0 / 1024));
      assertThat(after.nodes().getFirst().input(1).name()).isEqualTo("scale");
      assertThat(after.nodes().getFirst().input(2).name()).isEqualTo("bias");
    }
  }

  @Test
  void overAnotherAxisItIsSomethingElse() {
    try (var e = new Example()) {
      Value x = e.input("x", BATCH, SEQ, Dim.of(6));
      e.unchangedBy(
          new FuseLayerNorm(), pieces(e, x, e.weight("scale", 6), e.weight("bias", 6), List.of(1)));
    }
  }

  @Test
  void aBiasForEachPositionStaysOutside() {
    try (var e = new Example()) {
      Value x = e.input("x", BATCH, Dim.of(3), Dim.of(6));
      Value y = pieces(e, x, e.weight("scale", 6), e.weight("bias", 3, 6), List.of(2));
      assertThat(operators(e.after(y, new FuseLayerNorm())))
          .containsExactly(new LayerNorm(-1, 1.0 / 1024), new Binary(Binary.Function.ADD));
    }
  }
}
