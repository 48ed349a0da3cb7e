package dev.nagare.graph.pass;

import static dev.nagare.graph.pass.Example.BATCH;
import static dev.nagare.graph.pass.Example.SEQ;
import static dev.nagare.graph.pass.Example.names;
import static dev.nagare.graph.pass.Example.operators;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Attention;
import dev.nagare.graph.op.Linear;
import dev.nagare.graph.op.MatMul;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Softmax;
import dev.nagare.graph.op.Transpose;
import java.util.List;
import org.junit.jupiter.api.Test;

class FuseAttentionTest {
  private static final Dim WIDTH = Dim.of(8);

  private static Value projected(Example e, Value x, String name) {
    Value product = e.graph.add(new MatMul(false, false), x, e.weight(name + ".weight", 8, 8));
    return e.add(product, e.weight(name + ".bias", 8));
  }

  private static Value split(Example e, Value x) {
    Dim half = Dim.of(4);
    return e.graph.add(new Reshape(List.of(BATCH, x.fact().dim(1), Dim.of(2), half)), x);
  }

  private static Value joined(Example e, Value heads, Dim seq) {
    Value back = e.graph.add(new Transpose(List.of(0, 2, 1, 3)), heads);
    return e.graph.add(new Reshape(List.of(BATCH, seq, WIDTH)), back);
  }

  /** As PyTorch exports it. */
  static Value selfAttention(Example e, Value x, Value mask) {
    Value q = e.graph.add(new Transpose(List.of(0, 2, 1, 3)), split(e, projected(e, x, "q")));
    Value k = e.graph.add(new Transpose(List.of(0, 2, 3, 1)), split(e, projected(e, x, "k")));
    Value v = e.graph.add(new Transpose(List.of(0, 2, 1, 3)), split(e, projected(e, x, "v")));
    Value scores = e.div(e.graph.add(new MatMul(false, false), q, k), e.number(2));
    Value weights = e.graph.add(new Softmax(-1), e.add(scores, mask));
    return joined(e, e.graph.add(new MatMul(false, false), weights, v), x.fact().dim(1));
  }

  @Test
  void anExportedSelfAttentionIsAProjectionAndAnAttention() {
    try (var e = new Example()) {
      Value x = e.input("x", BATCH, SEQ, WIDTH);
      Value mask = e.input("mask", BATCH, Dim.ONE, Dim.ONE, SEQ);
      Passes.Optimised optimised = e.optimised(selfAttention(e, x, mask));
      Graph after = optimised.graph();
      assertThat(operators(after))
          .containsExactly(new Linear(List.of()), new Attention(2, 0.5, true, false));
      assertThat(after.nodes().getFirst().input(1).fact().shape())
          .containsExactly(WIDTH, Dim.of(24));
      assertThat(after.nodes().getLast().input(1).name()).isEqualTo("mask");
      assertThat(optimised.derivation().names()).hasSize(2);
    }
  }

  @Test
  void aScaleOfQueriesAndKeysIsOneOfScores() {
    try (var e = new Example()) {
      Value x = e.input("x", BATCH, SEQ, WIDTH);
      Value y = e.input("y", BATCH, Dim.of(5), WIDTH);
      Value scaled = e.mul(x, e.number(0.5));
      Value q = e.graph.add(new Transpose(List.of(0, 2, 1, 3)), split(e, scaled));
      Value k = e.graph.add(new Transpose(List.of(0, 2, 1, 3)), split(e, y));
      Value scores = e.graph.add(new MatMul(false, true), q, e.mul(k, e.number(0.25)));
      Value weights = e.graph.add(new Softmax(3), scores);
      Value v = e.graph.add(new Transpose(List.of(0, 2, 1, 3)), split(e, y));
      Value out = joined(e, e.graph.add(new MatMul(false, false), weights, v), SEQ);
      assertThat(operators(e.optimised(out).graph())).containsExactly(new Attention(2, 0.125));
    }
  }

  @Test
  void weightsOfTheAttentionThatTheCallerGetsKeepItApart() {
    try (var e = new Example()) {
      Value x = e.input("x", BATCH, SEQ, WIDTH);
      Value mask = e.input("mask", BATCH, Dim.ONE, Dim.ONE, SEQ);
      Value y = selfAttention(e, x, mask);
      e.graph.nodes().stream()
          .filter(node -> node.operator() instanceof Softmax)
          .forEach(node -> e.graph.output("weights", node.output()));
      assertThat(names(e.optimised(y).graph())).contains("softmax").doesNotContain("attention");
    }
  }
}
