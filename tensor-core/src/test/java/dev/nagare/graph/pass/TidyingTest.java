package dev.nagare.graph.pass;

import static dev.nagare.graph.pass.Example.BATCH;
import static dev.nagare.graph.pass.Example.SEQ;
import static dev.nagare.graph.pass.Example.names;
import static dev.nagare.graph.pass.Example.operators;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Dropout;
import dev.nagare.graph.op.Identity;
import dev.nagare.graph.op.MatMul;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Transpose;
import dev.nagare.graph.op.Unary;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Passes that only take away. */
class TidyingTest {
  private static final Dim FOUR = Dim.of(4);

  @Test
  void whatChangesNothingIsRemoved() {
    try (var example = new Example()) {
      Value x = example.input("x", BATCH, FOUR);
      Value same = example.graph.add(new Identity(), x);
      same = example.graph.add(new Dropout(), same);
      same = example.graph.add(new Reshape(List.of(BATCH, FOUR)), same);
      same = example.graph.add(new Transpose(List.of(0, 1)), same);
      same = example.mul(example.number(1), example.add(same, example.number(0)));
      Graph after = example.after(example.unary(Unary.Function.RELU, same), new RemoveIdentities());
      assertThat(names(after)).containsExactly("relu");
      assertThat(after.nodes().getFirst().input(0).name()).isEqualTo("x");
    }
  }

  @Test
  void aOneThatAddsAnAxisStays() {
    try (var example = new Example()) {
      Value x = example.input("x", FOUR);
      Value wider = example.mul(x, example.weight("one", 1, 1));
      example.tensor("one").set(0, 1);
      example.unchangedBy(new RemoveIdentities(), wider);
    }
  }

  @Test
  void ofReshapesInARowTheLastOneCounts() {
    try (var example = new Example()) {
      Value x = example.input("x", BATCH, FOUR);
      Value once = example.graph.add(new Reshape(List.of(BATCH, Dim.of(2), Dim.of(2))), x);
      Value twice = example.graph.add(new Reshape(List.of(BATCH.times(4))), once);
      Graph after = example.after(twice, new MergeReshapes());
      assertThat(operators(after)).containsExactly(new Reshape(List.of(BATCH.times(4))));
    }
  }

  @Test
  void transposesInARowAreOne() {
    try (var example = new Example()) {
      Value x = example.input("x", BATCH, SEQ, FOUR);
      Value once = example.graph.add(new Transpose(List.of(1, 2, 0)), x);
      Value twice = example.graph.add(new Transpose(List.of(0, 2, 1)), once);
      Graph after = example.after(twice, new MergeTransposes());
      assertThat(operators(after)).containsExactly(new Transpose(List.of(1, 0, 2)));
    }
  }

  @Test
  void aTransposeThatMovesOnlyAxesOfSizeOneIsAReshape() {
    try (var example = new Example()) {
      Value x = example.input("x", BATCH, Dim.ONE, FOUR);
      Value moved = example.graph.add(new Transpose(List.of(0, 2, 1)), x);
      Graph after = example.after(moved, new MergeTransposes());
      assertThat(operators(after)).containsExactly(new Reshape(List.of(BATCH, FOUR, Dim.ONE)));
    }
  }

  @Test
  void aTransposedOperandIsAnAttributeOfTheProduct() {
    try (var example = new Example()) {
      Value a = example.input("a", BATCH, SEQ, FOUR);
      Value b = example.input("b", BATCH, SEQ, FOUR);
      Value turned = example.graph.add(new Transpose(List.of(0, 2, 1)), b);
      Value product = example.graph.add(new MatMul(false, false), a, turned);
      Graph after = example.after(product, new MergeTransposes());
      assertThat(operators(after)).containsExactly(new MatMul(false, true));
    }
  }

  @Test
  void whatIsComputedTwiceIsComputedOnce() {
    try (var example = new Example()) {
      Value x = example.input("x", BATCH);
      Value one = example.unary(Unary.Function.EXP, x);
      Value other = example.unary(Unary.Function.EXP, x);
      Value sum =
          example.add(
              example.unary(Unary.Function.NEG, one), example.unary(Unary.Function.NEG, other));
      Graph after = example.after(sum, new MergeDuplicates());
      assertThat(names(after)).containsExactly("exp", "neg", "add");
    }
  }

  @Test
  void whatNobodyReadsIsRemovedWithItsConstants() {
    try (var example = new Example()) {
      Value x = example.input("x", BATCH, FOUR);
      example.unary(Unary.Function.EXP, example.mul(x, example.weight("unused", 4)));
      Graph after = example.after(example.unary(Unary.Function.NEG, x), new RemoveDeadCode());
      assertThat(after.toString())
          .isEqualTo(
              """
              graph example
                in  x: F32 [batch, 4]
                neg: F32 [batch, 4] <- Unary[function=NEG] (x)
                out out <- neg
              """);
      assertThat(after.constants()).isEmpty();
    }
  }
}
