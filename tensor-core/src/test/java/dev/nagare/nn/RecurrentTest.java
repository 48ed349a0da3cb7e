package dev.nagare.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.Recurrent.Output;
import dev.nagare.nn.Recurrent.State;
import dev.nagare.nn.init.Uniform;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Recurrent.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class RecurrentTest {
  private static final int INPUT = 3;
  private static final int HIDDEN = 20;
  private static final int STEPS = 7;

  /** Rounding of sums of about 30 terms of size 1 in f32, through two layers of 7 steps. */
  private static final double F32_ERROR = 1e-5;

  enum Kind {
    LSTM,
    GRU,
    RNN,
    RELU;

    Recurrent make(ParameterFactory factory, int in, int hidden, RecurrentOptions options) {
      return switch (this) {
        case LSTM -> new Lstm(factory, in, hidden, options);
        case GRU -> new Gru(factory, in, hidden, options);
        case RNN -> new Rnn(factory, in, hidden, Activation.TANH, options);
        case RELU -> new Rnn(factory, in, hidden, Activation.RELU, options);
      };
    }

    int gates() {
      return this == LSTM ? 4 : this == GRU ? 3 : 1;
    }
  }

  private static final RecurrentOptions DEEP = new RecurrentOptions(2, true, 0);

  static Stream<Arguments> kindsAndProviders() {
    return Stream.of(Kind.values())
        .flatMap(
            kind ->
                Stream.of("scalar", "vector", "onednn")
                    .map(name -> Arguments.of(kind, KernelProviders.byName(name).kernels())));
  }

  private static Tensor lengths(Scope scope, int... lengths) {
    Tensor tensor = scope.empty(DType.F64, Shape.of(lengths.length));
    for (int i = 0; i < lengths.length; i++) {
      tensor.set(i, lengths[i]);
    }
    return tensor;
  }

  private static Tensor input(Scope scope, DType dtype, int rows, int from, int to) {
    Tensor x = scope.empty(dtype, Shape.of(rows, to - from, INPUT));
    var random = new CounterRandom(9, 0, 0);
    for (int n = 0, i = 0; n < rows; n++) {
      for (int t = from; t < to; t++) {
        for (int j = 0; j < INPUT; j++) {
          x.set(i++, (float) (2 * random.uniform((n * STEPS + t) * INPUT + j) - 1));
        }
      }
    }
    return x;
  }

  @ParameterizedTest
  @EnumSource
  void gradientsMatchFiniteDifferences(Kind kind) {
    for (int hidden : List.of(1, 5)) {
      for (RecurrentOptions options : List.of(RecurrentOptions.PLAIN, DEEP)) {
        try (var check = new GradientCheck()) {
          Recurrent layers = kind.make(check.factory(), 2, hidden, options);
          check.include(layers.parameters());
          Parameter x = check.operand(3, 4, 2);
          check.check(tape -> layers.run(tape.watch(x)).hidden());
          check.check(tape -> layers.run(tape.watch(x), lengths(tape.scope(), 4, 0, 2)).hidden());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void gradientsThroughStatesMatchFiniteDifferences(Kind kind) {
    try (var check = new GradientCheck()) {
      Recurrent layers = kind.make(check.factory(), 2, 3, DEEP);
      Parameter x = check.operand(3, 4, 2);
      List<Parameter> from = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        from.add(check.operand(3, 3));
      }
      for (int[] lengths : List.of(new int[] {4, 4, 4}, new int[] {4, 0, 2})) {
        check.check(
            tape -> {
              List<State> states = new ArrayList<>();
              for (int i = 0; i < 4; i++) {
                Variable cell = kind == Kind.LSTM ? tape.watch(from.get(i + 4)) : null;
                states.add(new State(tape.watch(from.get(i)), cell));
              }
              Tensor ends = lengths(tape.scope(), lengths);
              Output output = layers.run(tape.watch(x), ends, states, null);
              Variable sum = output.hidden().square().sum();
              for (State state : output.states()) {
                sum = sum.add(state.hidden().square().sum());
                Variable cell = state.cell();
                if (cell != null) {
                  sum = sum.add(cell.square().sum());
                }
              }
              return sum;
            });
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void dropoutBetweenLayersMatchesFiniteDifferences(Kind kind) {
    try (var check = new GradientCheck()) {
      Recurrent layers = kind.make(check.factory(), 2, 3, DEEP.withDropout(0.4));
      check.include(layers.parameters());
      Parameter x = check.operand(2, 3, 2);
      check.check(tape -> layers.run(tape.watch(x), null, null, new Streams(1, 1)).hidden());
    }
  }

  @ParameterizedTest
  @MethodSource("kindsAndProviders")
  void aSequenceCutAnywhereGivesTheSameBitsAsUncut(Kind kind, Kernels kernels) {
    RecurrentOptions options = RecurrentOptions.PLAIN.withLayers(2);
    for (int rows : List.of(1, 3)) {
      try (var memory = new ProcessMemory("test");
          var scope = new Scope(1 << 18)) {
        Recurrent layers =
            kind.make(new ParameterFactory(memory, DType.F32, 5), INPUT, HIDDEN, options);
        var tape = new Tape(kernels, scope);
        Output whole = layers.run(tape.constant(input(scope, DType.F32, rows, 0, STEPS)));
        for (int cut = 1; cut < STEPS; cut++) {
          Output first = layers.run(tape.constant(input(scope, DType.F32, rows, 0, cut)));
          Variable rest = tape.constant(input(scope, DType.F32, rows, cut, STEPS));
          Output second = layers.run(rest, null, first.detachedStates(), null);
          for (int n = 0; n < rows; n++) {
            Tensor all = whole.hidden().value().narrow(n, 1).reshape(STEPS, HIDDEN);
            assertThat(second.hidden().value().narrow(n, 1).toFloats())
                .as("cut after %s", cut)
                .isEqualTo(all.narrow(cut, STEPS - cut).toFloats());
          }
          for (int i = 0; i < 2; i++) {
            assertThat(second.states().get(i).hidden().value().toFloats())
                .isEqualTo(whole.states().get(i).hidden().value().toFloats());
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kindsAndProviders")
  void aRowHasTheBitsItHasAloneAndItsPaddingCountsForNothing(Kind kind, Kernels kernels) {
    int[] ends = {7, 3, 0, 1, 7};
    try (var memory = new ProcessMemory("test");
        var scope = new Scope(1 << 20)) {
      Recurrent layers = kind.make(new ParameterFactory(memory, DType.F32, 5), INPUT, HIDDEN, DEEP);
      var tape = new Tape(kernels, scope);
      Tensor x = input(scope, DType.F32, ends.length, 0, STEPS);
      for (int n = 0; n < ends.length; n++) {
        for (int i = ends[n] * INPUT; i < STEPS * INPUT; i++) {
          x.set((long) n * STEPS * INPUT + i, Double.NaN);
        }
      }
      Variable batch = tape.leaf(x);
      Output together = layers.run(batch, lengths(scope, ends));
      together.hidden().sum().backward();
      for (Parameter parameter : layers.parameters()) {
        for (float slope : parameter.gradient().toFloats()) {
          assertThat(slope).as("%s", parameter).isFinite();
        }
      }
      for (int n = 0; n < ends.length; n++) {
        Tensor row = together.hidden().value().narrow(n, 1).reshape(STEPS, 2L * HIDDEN);
        assertThat(row.narrow(ends[n], STEPS - ends[n]).toFloats()).containsOnly(zeros(ends[n]));
        if (ends[n] > 0) {
          Tensor part = x.narrow(n, 1).reshape(STEPS, INPUT).narrow(0, ends[n]);
          Output alone = layers.run(tape.constant(part.reshape(1, ends[n], INPUT)));
          assertThat(alone.hidden().value().toFloats())
              .isEqualTo(row.narrow(0, ends[n]).toFloats());
          for (int i = 0; i < 4; i++) {
            assertThat(alone.states().get(i).hidden().value().toFloats())
                .isEqualTo(together.states().get(i).hidden().value().narrow(n, 1).toFloats());
          }
        } else {
          assertThat(together.states().getFirst().hidden().value().narrow(n, 1).toFloats())
              .containsOnly(0);
        }
      }
    }
  }

  /** Nothing to compare where a row has no padding. */
  private static float[] zeros(int end) {
    return end == STEPS ? new float[0] : new float[] {0};
  }

  @ParameterizedTest
  @MethodSource("kindsAndProviders")
  void f32FollowsPlainLoopsInF64(Kind kind, Kernels kernels) {
    int[] ends = {7, 4};
    try (var memory = new ProcessMemory("test");
        var scope = new Scope(1 << 20)) {
      Recurrent layers = kind.make(new ParameterFactory(memory, DType.F32, 5), INPUT, HIDDEN, DEEP);
      var tape = new Tape(kernels, scope);
      Tensor x = input(scope, DType.F32, 2, 0, STEPS);
      Output output = layers.run(tape.constant(x), lengths(scope, ends));
      for (int n = 0; n < 2; n++) {
        double[][] below = new double[ends[n]][INPUT];
        for (int t = 0; t < ends[n]; t++) {
          for (int j = 0; j < INPUT; j++) {
            below[t][j] = x.get(((long) n * STEPS + t) * INPUT + j);
          }
        }
        for (int layer = 0; layer < 2; layer++) {
          double[][] above = new double[ends[n]][2 * HIDDEN];
          plain(kind, layers, "_l" + layer, below, above, 0);
          plain(kind, layers, "_l" + layer + "_reverse", below, above, HIDDEN);
          below = above;
        }
        for (int t = 0; t < ends[n]; t++) {
          for (int j = 0; j < 2 * HIDDEN; j++) {
            assertThat(output.hidden().value().get(((long) n * STEPS + t) * 2 * HIDDEN + j))
                .isCloseTo(below[t][j], within(F32_ERROR));
          }
        }
      }
    }
  }

  /** One layer in one direction, into the columns from one on. */
  private static void plain(
      Kind kind, Recurrent layers, String suffix, double[][] x, double[][] out, int column) {
    Tensor ih = layers.parameter("weight_ih" + suffix).value();
    Tensor hh = layers.parameter("weight_hh" + suffix).value();
    Tensor biasIh = layers.parameter("bias_ih" + suffix).value();
    Tensor biasHh = layers.parameter("bias_hh" + suffix).value();
    int width = kind.gates() * HIDDEN;
    double[] h = new double[HIDDEN];
    double[] c = new double[HIDDEN];
    for (int step = 0; step < x.length; step++) {
      int t = column == 0 ? step : x.length - 1 - step;
      double[] input = new double[width];
      double[] inner = new double[width];
      for (int g = 0; g < width; g++) {
        input[g] = biasIh.get(g);
        for (int j = 0; j < x[t].length; j++) {
          input[g] += x[t][j] * ih.get((long) j * width + g);
        }
        inner[g] = biasHh.get(g);
        for (int j = 0; j < HIDDEN; j++) {
          inner[g] += h[j] * hh.get((long) j * width + g);
        }
      }
      for (int j = 0; j < HIDDEN; j++) {
        switch (kind) {
          case LSTM -> {
            double i = sigmoid(input[j] + inner[j]);
            double f = sigmoid(input[j + HIDDEN] + inner[j + HIDDEN]);
            double g = Math.tanh(input[j + 2 * HIDDEN] + inner[j + 2 * HIDDEN]);
            double o = sigmoid(input[j + 3 * HIDDEN] + inner[j + 3 * HIDDEN]);
            c[j] = f * c[j] + i * g;
            h[j] = o * Math.tanh(c[j]);
          }
          case GRU -> {
            double r = sigmoid(input[j] + inner[j]);
            double z = sigmoid(input[j + HIDDEN] + inner[j + HIDDEN]);
            double n = Math.tanh(input[j + 2 * HIDDEN] + r * inner[j + 2 * HIDDEN]);
            h[j] = (1 - z) * n + z * h[j];
          }
          case RNN -> h[j] = Math.tanh(input[j] + inner[j]);
          case RELU -> h[j] = Math.max(0, input[j] + inner[j]);
        }
        out[t][column + j] = h[j];
      }
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @ParameterizedTest
  @EnumSource
  void scalarAndVectorKernelsHaveTheSameBits(Kind kind) {
    List<float[]> scalar = step(kind, KernelProviders.byName("scalar").kernels());
    List<float[]> vector = step(kind, KernelProviders.byName("vector").kernels());
    for (int i = 0; i < scalar.size(); i++) {
      assertThat(vector.get(i)).as("result %s", i).isEqualTo(scalar.get(i));
    }
  }

  private static List<float[]> step(Kind kind, Kernels kernels) {
    try (var memory = new ProcessMemory("test");
        var scope = new Scope(1 << 20)) {
      Recurrent layers = kind.make(new ParameterFactory(memory, DType.F32, 5), INPUT, HIDDEN, DEEP);
      var tape = new Tape(kernels, scope);
      Variable x = tape.leaf(input(scope, DType.F32, 3, 0, STEPS));
      Output output = layers.run(x, lengths(scope, 7, 2, 5));
      List<float[]> results = new ArrayList<>();
      results.add(output.hidden().value().toFloats());
      output.hidden().square().sum().backward();
      results.add(x.gradient().toFloats());
      layers.parameters().forEach(p -> results.add(p.gradient().toFloats()));
      return results;
    }
  }

  @ParameterizedTest
  @EnumSource
  void parametersAreNamedAsInPyTorchAndWhatDoesNotFitIsRefused(Kind kind) {
    try (var memory = new ProcessMemory("test");
        var scope = new Scope(1 << 16)) {
      Recurrent layers = kind.make(new ParameterFactory(memory, DType.F32, 5), 2, 3, DEEP);
      assertThat(layers.namedParameters().keySet())
          .startsWith("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
          .contains("weight_ih_l0_reverse", "bias_hh_l1_reverse")
          .hasSize(16);
      int width = 3 * kind.gates();
      assertThat(layers.parameter("weight_ih_l1").shape()).isEqualTo(Shape.of(6, width));
      float[] hh = new float[width * 3];
      hh[1] = 7;
      layers.copyFromTorch(1, true, new float[width * 6], hh);
      assertThat(layers.parameter("weight_hh_l1_reverse").value().get(width)).isEqualTo(7);
      assertThatThrownBy(() -> layers.copyFromTorch(2, false, hh, hh))
          .hasMessageContaining("no layer 2");
      var tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);
      Tensor values = scope.empty(DType.F32, Shape.of(1, 4, 2));
      new Uniform(1).fill(values, new CounterRandom(1, 1, 1));
      Variable x = tape.constant(values);
      assertThatThrownBy(() -> layers.run(x, lengths(scope, 5)))
          .hasMessageContaining("expected lengths from 0 to 4, got 5");
      assertThatThrownBy(() -> layers.run(x, lengths(scope, 1, 1)))
          .hasMessageContaining("lengths have shape [2], expected [1]");
      assertThatThrownBy(() -> layers.run(x, null, List.of(), null))
          .hasMessageContaining("a state for each of 4 layers and directions, got 0");
      Variable wide = tape.constant(scope.zeros(DType.F32, Shape.of(1, 4, 3)));
      assertThatThrownBy(() -> layers.run(wide)).hasMessageContaining("expected x [N, T, I]");
      assertThatThrownBy(() -> DEEP.withLayers(0)).hasMessageContaining("1 layer or more");
    }
  }
}
