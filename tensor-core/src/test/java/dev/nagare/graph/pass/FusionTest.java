package dev.nagare.graph.pass;

import static dev.nagare.graph.pass.Example.BATCH;
import static dev.nagare.graph.pass.Example.names;
import static dev.nagare.graph.pass.Example.operators;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.BatchNorm;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Convolution;
import dev.nagare.graph.op.LeakyRelu;
import dev.nagare.graph.op.Linear;
import dev.nagare.graph.op.MatMul;
import dev.nagare.graph.op.Unary;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Window;
import dev.nagare.tensor.kernel.prepared.PostOp;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What convolutions and products take in. */
class FusionTest {
  private static final PostOp RELU = new PostOp.Apply(PostOp.Function.RELU);
  private static final PostOp ADD = new PostOp.Combine(PostOp.Combination.ADD);
  private static final Window ONE = Window.of(1, 1);
  private static final Window THREE = Window.of(3, 3).padding(1, 1);

  private static Value image(Example e) {
    return e.input("x", BATCH, Dim.of(4), Dim.of(5), Dim.of(5));
  }

  private static Value conv(Example e, Value x, String name, Window window) {
    long in = x.fact().dim(1).value();
    Value weight = e.weight(name, 4, in, window.kernelH(), window.kernelW());
    return e.graph.add(new Convolution(window, 1, List.of()), x, weight, null);
  }

  private static Value norm(Example e, Value x, String name) {
    Value variance = e.weight(name + ".variance", 4);
    Tensor numbers = Example.tensor(variance);
    for (int i = 0; i < 4; i++) {
      numbers.set(i, 1 + i);
    }
    return e.graph.add(
        new BatchNorm(1e-3),
        x,
        e.weight(name + ".scale", 4),
        e.weight(name + ".bias", 4),
        e.weight(name + ".mean", 4),
        variance);
  }

  @Test
  void aResidualBlockIsTwoConvolutions() {
    try (var e = new Example()) {
      Value x = image(e);
      Value inner = e.unary(Unary.Function.RELU, norm(e, conv(e, x, "w1", THREE), "bn1"));
      Value sum = e.add(norm(e, conv(e, inner, "w2", THREE), "bn2"), x);
      Graph after = e.optimised(e.unary(Unary.Function.RELU, sum)).graph();
      assertThat(operators(after))
          .containsExactly(
              new Convolution(THREE, 1, List.of(RELU)),
              new Convolution(THREE, 1, List.of(ADD, RELU)));
      assertThat(after.nodes().get(1).input(3).name()).isEqualTo("x");
    }
  }

  @Test
  void ofTwoConvolutionsThatAreAddedTheLaterOneTakesTheSum() {
    try (var e = new Example()) {
      Value x = image(e);
      Value main = norm(e, conv(e, x, "w1", THREE), "bn1");
      Value shortcut = norm(e, conv(e, x, "w2", ONE), "bn2");
      Value sum = e.unary(Unary.Function.RELU, e.add(main, shortcut));
      assertThat(operators(e.optimised(sum).graph()))
          .containsExactly(
              new Convolution(THREE, 1, List.of()), new Convolution(ONE, 1, List.of(ADD, RELU)));
    }
  }

  @Test
  void aNormalisationIsFoldedAgainWhenTheWeightsAreOthers() {
    try (var e = new Example()) {
      Value y = norm(e, conv(e, image(e), "w", THREE), "bn");
      Passes.Optimised optimised = e.optimised(y);
      Graph after = optimised.graph();
      assertThat(names(after)).containsExactly("conv2d");
      Tensor doubled = e.memory.copyOf(e.tensor("w"));
      for (long i = 0; i < doubled.elements(); i++) {
        doubled.set(i, 2 * doubled.get(i));
      }
      Value folded = after.nodes().getFirst().input(1);
      Map<String, Tensor> derived =
          optimised.derivation().derive(Map.of("w", doubled), e.kernels, e.memory);
      Tensor twice = Objects.requireNonNull(derived.get(folded.name()));
      assertThat(twice.get(7)).isEqualTo(2 * Example.tensor(folded).get(7));
      assertThat(derived).doesNotContainKey(after.nodes().getFirst().input(2).name());
    }
  }

  @Test
  void aNormalisationAndAScaleBehindItAreOneProductAndOneSum() {
    try (var e = new Example()) {
      Value first = e.add(e.mul(image(e), e.weight("a", 4, 1, 1)), e.weight("b", 4, 1, 1));
      Value second = e.add(e.mul(e.weight("c", 4, 1, 1), first), e.weight("d", 4, 1, 1));
      e.graph.output("out", second);
      Graph copy = e.graph.copy();
      var derivation = new Derivation();
      var folding = new FoldConstants(e.kernels, e.memory, derivation);
      Passes.fixedPoint(copy, List.of(new MergeAffine(), folding, new RemoveDeadCode()));
      assertThat(names(copy)).containsExactly("mul", "add");
      Map<String, Tensor> x = Map.of("x", e.random(Shape.of(2, 4, 5, 5)));
      Tensor expected = e.run(e.graph, x);
      Tensor actual = e.run(copy, x);
      for (long i = 0; i < expected.elements(); i++) {
        assertThat(actual.get(i)).isCloseTo(expected.get(i), within(1e-6));
      }
    }
  }

  @Test
  void aProductThatSomebodyElseReadsOrWhoseFactorIsLargerStays() {
    try (var e = new Example()) {
      Value first = e.add(e.mul(image(e), e.weight("a", 4, 1, 1)), e.weight("b", 4, 1, 1));
      Value larger = e.mul(first, e.weight("c", 1, 4, 5, 5));
      e.unchangedBy(new MergeAffine(), larger);
    }
    try (var e = new Example()) {
      Value first = e.add(e.mul(image(e), e.weight("a", 4, 1, 1)), e.weight("b", 4, 1, 1));
      Value scaled = e.mul(first, e.weight("c", 4, 1, 1));
      e.unchangedBy(new MergeAffine(), e.add(scaled, first));
    }
  }

  @Test
  void aResultThatIsReadTwiceIsLeftAlone() {
    try (var e = new Example()) {
      Value y = conv(e, image(e), "w", THREE);
      Value both = e.binary(Binary.Function.MAX, e.unary(Unary.Function.RELU, y), norm(e, y, "bn"));
      assertThat(names(e.optimised(both).graph()))
          .containsExactly("conv2d", "relu", "batchNorm", "max");
    }
  }

  @Test
  void aResultThatTheCallerGetsIsLeftAlone() {
    try (var e = new Example()) {
      Value y = conv(e, image(e), "w", THREE);
      e.graph.output("inner", y);
      assertThat(names(e.optimised(e.unary(Unary.Function.RELU, y)).graph()))
          .containsExactly("conv2d", "relu");
    }
  }

  @Test
  void aProductWithBiasActivationAndResidualIsOneLinear() {
    try (var e = new Example()) {
      Value x = e.input("x", BATCH, Dim.of(3), Dim.of(4));
      Value product = e.graph.add(new MatMul(false, true), x, e.weight("w", 4, 4));
      Value biased = e.add(e.weight("b", 4), product);
      Value leaky = e.graph.add(new LeakyRelu(0.25), biased);
      Value rest = e.binary(Binary.Function.SUB, x, leaky);
      Graph after = e.optimised(rest).graph();
      assertThat(operators(after))
          .containsExactly(
              new Linear(
                  true,
                  List.of(
                      new PostOp.Apply(PostOp.Function.LEAKY_RELU, 0.25, 0),
                      new PostOp.Combine(PostOp.Combination.SUB, true))));
      assertThat(after.nodes().getFirst().input(2).name()).isEqualTo("b");
    }
  }

  @Test
  void aGateForEachImageIsNoPostOp() {
    try (var e = new Example()) {
      Value gate = e.input("gate", BATCH, Dim.of(4), Dim.ONE, Dim.ONE);
      Value y = e.mul(conv(e, image(e), "w", THREE), gate);
      assertThat(names(e.optimised(y).graph())).containsExactly("conv2d", "mul");
    }
  }

  @Test
  void aFactorForEachChannelGoesIntoTheWeightAndANumberBecomesAPostOp() {
    try (var e = new Example()) {
      Value y = e.mul(conv(e, image(e), "w", THREE), e.weight("s", 1, 4, 1, 1));
      Value z = e.mul(e.add(y, e.weight("b", 4, 1, 1)), e.number(0.3));
      Graph after = e.optimised(z).graph();
      assertThat(operators(after))
          .containsExactly(
              new Convolution(THREE, 1, List.of(new PostOp.Combine(PostOp.Combination.MUL))));
    }
  }
}
