package dev.nagare.graph.pass;

import static dev.nagare.graph.pass.Example.BATCH;
import static dev.nagare.graph.pass.Example.SEQ;
import static dev.nagare.graph.pass.Example.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Cast;
import dev.nagare.graph.op.Gather;
import dev.nagare.graph.op.Reduce;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Slice;
import dev.nagare.graph.op.Unary;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RaggedTest {

  /** Token and position embeddings, a normalisation, an attention, as PyTorch exports them. */
  private static Value encoder(Example e, double hidden) {
    Value ids = e.graph.input("ids", DType.I64, BATCH, SEQ);
    Value mask = e.graph.input("mask", DType.I64, BATCH, SEQ);
    Value count = e.graph.constant("count", e.memory.ofLongs(Shape.of(1, 6), 0, 1, 2, 3, 4, 5));
    Value places =
        e.graph.add(new Slice(List.of(1), List.of(Dim.ZERO), List.of(SEQ), List.of(1L)), count);
    Value words = e.graph.add(new Gather(0), e.weight("words", 5, 8), ids);
    Value rows = e.graph.add(new Gather(0), e.weight("places", 6, 8), places);
    Value wide = e.graph.add(new Reshape(List.of(BATCH, Dim.ONE, Dim.ONE, SEQ)), mask);
    Value floats = e.graph.add(new Cast(DType.F32), wide);
    Value turned = e.binary(Binary.Function.SUB, e.number(1), floats);
    Value added = e.mul(turned, e.number(hidden));
    Value x =
        FuseLayerNormTest.pieces(
            e, e.add(words, rows), e.weight("scale", 8), e.weight("shift", 8), List.of(-1));
    return e.add(x, FuseAttentionTest.selfAttention(e, x, added));
  }

  private static Graph optimised(Example e, Value output) {
    e.graph.output("out", output);
    return Passes.inference(e.graph, e.kernels, e.memory).graph();
  }

  @Test
  void packedSequencesGiveWhatPaddedOnesGive() {
    try (var e = new Example()) {
      Graph padded = optimised(e, encoder(e, -3.4e38));
      Ragged.Outcome outcome = Ragged.of(padded);
      assertThat(outcome.reason()).isEmpty();
      assertThat(outcome.masks()).containsExactly("mask");
      Graph ragged = Objects.requireNonNull(outcome.graph());
      assertThat(ragged.inputs().stream().map(Value::name))
          .containsExactlyInAnyOrder("ids", Ragged.POSITIONS, Ragged.OFFSETS);
      assertThat(names(ragged))
          .containsExactlyInAnyOrder(
              "gather", "gather", "add", "layerNorm", "linear", "attention", "add");
      Tensor expected =
          e.run(
              e.graph,
              Map.of(
                  "ids", e.memory.ofLongs(Shape.of(2, 4), 1, 2, 0, 0, 4, 3, 2, 1),
                  "mask", e.memory.ofLongs(Shape.of(2, 4), 1, 1, 0, 0, 1, 1, 1, 1)));
      Tensor actual =
          e.run(
              ragged,
              Map.of(
                  "ids",
                  e.memory.ofLongs(Shape.of(6), 1, 2, 4, 3, 2, 1),
                  Ragged.POSITIONS,
                  e.memory.ofLongs(Shape.of(6), 0, 1, 0, 1, 2, 3),
                  Ragged.OFFSETS,
                  e.memory.ofLongs(Shape.of(3), 0, 2, 6)));
      assertThat(actual.shape()).isEqualTo(Shape.of(6, 8));
      for (int row = 0; row < 6; row++) {
        int at = row < 2 ? row : row + 2;
        for (int i = 0; i < 8; i++) {
          assertThat(actual.get(row * 8 + i)).isCloseTo(expected.get(at * 8 + i), within(1e-5));
        }
      }
    }
  }

  @Test
  void aMaskThatHidesTooLittleIsAReasonWhyNot() {
    try (var e = new Example()) {
      assertThat(Ragged.of(optimised(e, encoder(e, -10))).reason())
          .contains("the mask adds 0.0 for a token and -10.0 for padding");
    }
  }

  @Test
  void aMeanOverTheTokensIsAReasonWhyNot() {
    try (var e = new Example()) {
      Value ids = e.graph.input("ids", DType.I64, BATCH, SEQ);
      Value words = e.graph.add(new Gather(0), e.weight("words", 5, 8), ids);
      Value mean = e.graph.add(new Reduce(Reduce.Kind.MEAN, List.of(1), true), words);
      Ragged.Outcome outcome = Ragged.of(optimised(e, e.add(words, mean)));
      assertThat(outcome.graph()).isNull();
      assertThat(outcome.reason()).contains("expected [batch, seq, ..]");
    }
  }

  @Test
  void imagesAreAReasonWhyNot() {
    try (var e = new Example()) {
      Value x = e.input("x", BATCH, Dim.of(3), Dim.of(8), Dim.of(8));
      assertThat(Ragged.of(optimised(e, e.unary(Unary.Function.EXP, x))).reason())
          .startsWith("Expected a first input [batch, seq]");
    }
  }
}
