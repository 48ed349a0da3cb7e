package dev.nagare.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.autograd.ScaledDotProductAttention;
import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.init.Initializer;
import dev.nagare.nn.init.Uniform;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Attention.Mask;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransformerTest {

  /** Layers whose normalisation starts at other values than 1 and 0, so that both count. */
  private static void shake(List<Parameter> parameters) {
    for (Parameter parameter : parameters) {
      Initializer uniform = new Uniform(0.7);
      uniform.fill(parameter.value(), new CounterRandom(2, 0, parameters.indexOf(parameter)));
    }
  }

  private static Tensor lengths(Tape tape, int... lengths) {
    Tensor tensor = tape.scope().empty(DType.F64, Shape.of(lengths.length));
    for (int i = 0; i < lengths.length; i++) {
      tensor.set(i, lengths[i]);
    }
    return tensor;
  }

  @Test
  void attentionMatchesFiniteDifferences() {
    try (var check = new GradientCheck()) {
      Parameter q = check.operand(2, 3, 4);
      Parameter k = check.operand(2, 5, 4);
      Parameter v = check.operand(2, 5, 4);
      for (int heads : List.of(1, 2, 4)) {
        check.check(tape -> attend(tape, q, k, v, heads, Mask.NONE));
        check.check(tape -> attend(tape, q, k, v, heads, Mask.CAUSAL));
        check.check(
            tape -> attend(tape, q, k, v, heads, Mask.CAUSAL.withLengths(lengths(tape, 0, 2))));
      }
    }
  }

  private static Variable attend(
      Tape tape, Parameter q, Parameter k, Parameter v, int heads, Mask mask) {
    return tape.watch(q).attention(tape.watch(k), tape.watch(v), heads, mask);
  }

  @Test
  void oneVariableMayBeQueriesKeysAndValuesAtOnce() {
    try (var check = new GradientCheck()) {
      Parameter x = check.operand(2, 4, 6);
      check.check(
          tape -> {
            Variable all = tape.watch(x);
            return all.attention(all, all, 3, Mask.NONE);
          });
    }
  }

  @Test
  void attentionWithDropoutMatchesFiniteDifferences() {
    try (var check = new GradientCheck()) {
      Parameter x = check.operand(2, 4, 18);
      var options =
          new ScaledDotProductAttention.Options(2, 6, Mask.NONE, 0.3, new CounterRandom(3, 1, 4));
      check.check(
          tape -> {
            Variable packed = tape.watch(x);
            return ScaledDotProductAttention.apply(
                options,
                new ScaledDotProductAttention.Columns(packed, 12),
                new ScaledDotProductAttention.Columns(packed, 0),
                new ScaledDotProductAttention.Columns(packed, 6));
          });
    }
  }

  @Test
  void multiHeadAttentionMatchesFiniteDifferences() {
    try (var check = new GradientCheck()) {
      var attention = new MultiHeadAttention(check.factory(), 4, 2);
      shake(attention.parameters());
      check.include(attention.parameters());
      Parameter x = check.operand(2, 3, 4);
      Parameter context = check.operand(2, 5, 4);
      check.check(tape -> attention.forward(tape.watch(x), Mask.CAUSAL));
      check.check(tape -> attention.cross(tape.watch(x), tape.watch(context), Mask.NONE, null));
    }
  }

  @Test
  void selfCrossAndFullAttentionAgree() {
    try (var memory = new ProcessMemory("test");
        var scope = new Scope(1 << 14)) {
      var attention = new MultiHeadAttention(new ParameterFactory(memory, DType.F32, 1), 8, 2);
      shake(attention.parameters());
      var tape = new Tape(KernelProviders.byName("vector").kernels(), scope);
      Variable x = input(tape, DType.F32, 2, 5, 8);
      float[] self = attention.forward(x, Mask.NONE).value().toFloats();
      assertThat(attention.cross(x, x, Mask.NONE, null).value().toFloats()).isEqualTo(self);
      assertThat(attention.forward(x, x, x, Mask.NONE, null).value().toFloats()).isEqualTo(self);
    }
  }

  private static Variable input(Tape tape, DType dtype, long... dims) {
    Tensor x = tape.scope().empty(dtype, Shape.of(dims));
    new Uniform(1).fill(x, new CounterRandom(8, 0, 0));
    for (int i = 0; i < x.elements(); i++) {
      x.set(i, (float) x.get(i));
    }
    return tape.constant(x);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void encoderLayersMatchFiniteDifferences(boolean normFirst) {
    try (var check = new GradientCheck()) {
      var options =
          new TransformerOptions(4, 2, 5).withNormFirst(normFirst).withActivation(Variable::gelu);
      var encoder = new TransformerEncoder(check.factory(), options, 2);
      shake(encoder.parameters());
      check.include(encoder.parameters());
      Parameter x = check.operand(2, 3, 4);
      check.check(
          tape -> encoder.forward(tape.watch(x), Mask.NONE.withLengths(lengths(tape, 3, 2))));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void decoderLayersMatchFiniteDifferences(boolean normFirst) {
    try (var check = new GradientCheck()) {
      var options =
          new TransformerOptions(4, 2, 5)
              .withNormFirst(normFirst)
              .withActivation(new Gelu(true)::forward)
              .withDropout(0.2);
      var decoder = new TransformerDecoderLayer(check.factory(), options);
      shake(decoder.parameters());
      check.include(decoder.parameters());
      Parameter x = check.operand(2, 3, 4);
      Parameter memory = check.operand(2, 2, 4);
      check.check(
          tape ->
              decoder.forward(
                  tape.watch(x), tape.watch(memory), Mask.CAUSAL, Mask.NONE, new Streams(1, 2)));
    }
  }

  @Test
  void positionsMatchFiniteDifferences() {
    try (var check = new GradientCheck();
        var memory = new ProcessMemory("test")) {
      var learned = new LearnedPositions(check.factory(), 5, 3);
      var waves = new SinusoidalPositions(memory, DType.F64, 5, 3);
      check.include(learned.parameters());
      Parameter x = check.operand(2, 3, 3);
      check.check(tape -> learned.forward(tape.watch(x), 1).square());
      check.check(tape -> waves.forward(tape.watch(x), 2).square());
      assertThatThrownBy(() -> check.check(tape -> learned.forward(tape.watch(x), 3)))
          .hasMessageContaining("positions: expected x [N, T, E] and a table [L, E] with 3 + T");
    }
  }

  @Test
  void wavesAreThoseOfThePaper() {
    try (var memory = new ProcessMemory("test");
        var scope = new Scope(1 << 12)) {
      var tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);
      var waves = new SinusoidalPositions(memory, DType.F32, 4, 4);
      Tensor y = waves.forward(tape.constant(scope.zeros(DType.F32, Shape.of(1, 4, 4)))).value();
      for (int t = 0; t < 4; t++) {
        assertThat(y.get(t * 4L)).isCloseTo(Math.sin(t), within(1e-7));
        assertThat(y.get(t * 4L + 1)).isCloseTo(Math.cos(t), within(1e-7));
        assertThat(y.get(t * 4L + 2)).isCloseTo(Math.sin(t / 100.0), within(1e-7));
        assertThat(y.get(t * 4L + 3)).isCloseTo(Math.cos(t / 100.0), within(1e-7));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void f32FollowsF64AndASequenceDoesNotSeeTheOthers(String provider) {
    Kernels kernels = KernelProviders.byName(provider).kernels();
    try (var memory = new ProcessMemory("test");
        var scope = new Scope(1 << 22)) {
      var options = new TransformerOptions(32, 4, 64).withNormFirst(true);
      var encoder = new TransformerEncoder(new ParameterFactory(memory, DType.F32, 1), options, 2);
      var exact = new TransformerEncoder(new ParameterFactory(memory, DType.F64, 1), options, 2);
      for (String name : encoder.namedParameters().keySet()) {
        Tensor from = encoder.parameter(name).value();
        for (int i = 0; i < from.elements(); i++) {
          exact.parameter(name).value().set(i, from.get(i));
        }
      }
      var tape = new Tape(kernels, scope);
      Variable x = input(tape, DType.F32, 3, 20, 32);
      Variable y = encoder.forward(x, Mask.CAUSAL);
      Tensor reference = exact.forward(input(tape, DType.F64, 3, 20, 32), Mask.CAUSAL).value();
      for (int i = 0; i < reference.elements(); i++) {
        // Normalised rows of size 1 behind a dozen roundings of sums of up to 64 terms.
        assertThat(y.value().get(i)).isCloseTo(reference.get(i), within(3e-5));
      }
      for (int n = 0; n < 3; n++) {
        Variable one = encoder.forward(tape.constant(x.value().narrow(n, 1)), Mask.CAUSAL);
        assertThat(one.value().toFloats()).isEqualTo(y.value().narrow(n, 1).toFloats());
      }
    }
  }

  @Test
  void parametersAreNamedAsInPyTorch() {
    try (var memory = new ProcessMemory("test")) {
      var factory = new ParameterFactory(memory, DType.F32, 1);
      var options = new TransformerOptions(4, 2, 8).withNormFirst(true);
      var encoder = new TransformerEncoder(factory, options, 1);
      assertThat(encoder.namedParameters().keySet())
          .containsExactly(
              "layers.0.self_attn.in_proj_weight",
              "layers.0.self_attn.in_proj_bias",
              "layers.0.self_attn.out_proj.weight",
              "layers.0.self_attn.out_proj.bias",
              "layers.0.linear1.weight",
              "layers.0.linear1.bias",
              "layers.0.linear2.weight",
              "layers.0.linear2.bias",
              "layers.0.norm1.weight",
              "layers.0.norm1.bias",
              "layers.0.norm2.weight",
              "layers.0.norm2.bias",
              "norm.weight",
              "norm.bias");
      var decoder = new TransformerDecoderLayer(factory, options);
      assertThat(decoder.namedParameters().keySet())
          .contains("multihead_attn.in_proj_weight", "norm3.bias")
          .hasSize(18);
      assertThat(encoder.parameter("layers.0.self_attn.in_proj_weight").shape())
          .isEqualTo(Shape.of(12, 4));
      assertThatThrownBy(() -> new MultiHeadAttention(factory, 5, 2))
          .hasMessageContaining("features a multiple of the heads, got 5 and 2");
      assertThatThrownBy(() -> options.withDropout(1)).hasMessageContaining("dropout in [0, 1)");
    }
  }
}
