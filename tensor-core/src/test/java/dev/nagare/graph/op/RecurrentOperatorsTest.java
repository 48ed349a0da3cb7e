package dev.nagare.graph.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.op.RecurrentSpec.Direction;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Recurrent layers of graphs: kernels and loops agree, whatever direction, layout and lengths. */
class RecurrentOperatorsTest {
  private static final long SEED = 20261125;
  private static final int N = 3;
  private static final int T = 5;
  private static final int I = 4;
  private static final int H = 6;

  /** So large that nothing is held, but the kernels do not know it. */
  private static final double CLIP = 1e30;

  @ParameterizedTest
  @CsvSource({
    "FORWARD, false, false",
    "FORWARD, true, true",
    "REVERSE, false, true",
    "REVERSE, true, false",
    "BIDIRECTIONAL, false, true",
    "BIDIRECTIONAL, true, true",
    "BIDIRECTIONAL, false, false"
  })
  void anLstmByKernelsIsThatByLoops(Direction direction, boolean batchFirst, boolean lengths) {
    agree(direction, batchFirst, lengths, 4, 4, Kind.LSTM);
  }

  @ParameterizedTest
  @CsvSource({
    "FORWARD, false, false",
    "REVERSE, true, true",
    "BIDIRECTIONAL, false, true",
    "BIDIRECTIONAL, true, false"
  })
  void aGruByKernelsIsThatByLoops(Direction direction, boolean batchFirst, boolean lengths) {
    agree(direction, batchFirst, lengths, 3, 6, Kind.GRU);
  }

  @ParameterizedTest
  @CsvSource({"FORWARD, true, false", "REVERSE, false, true", "BIDIRECTIONAL, true, true"})
  void aPlainRecurrenceByKernelsIsThatByLoops(
      Direction direction, boolean batchFirst, boolean lengths) {
    agree(direction, batchFirst, lengths, 1, 1, Kind.RNN);
  }

  private enum Kind {
    LSTM,
    GRU,
    RNN
  }

  private static void agree(
      Direction direction, boolean batchFirst, boolean ends, int gates, int biases, Kind kind) {
    var random = new SplittableRandom(SEED);
    var spec = new RecurrentSpec(H, direction, batchFirst, 0, List.of());
    var slow = new RecurrentSpec(H, direction, batchFirst, CLIP, List.of());
    int d = spec.directions();
    try (Scope scope = new Scope(1 << 20)) {
      Tensor x =
          batchFirst
              ? Runs.random(scope, random, DType.F32, N, T, I)
              : Runs.random(scope, random, DType.F32, T, N, I);
      long[] state = batchFirst ? new long[] {N, d, H} : new long[] {d, N, H};
      Tensor lengths = ends ? scope.ofLongs(Shape.of(N), 2, 0, 5) : null;
      List<@Nullable Tensor> inputs = new ArrayList<>();
      inputs.add(x);
      inputs.add(Runs.random(scope, random, DType.F32, d, I, (long) gates * H));
      inputs.add(Runs.random(scope, random, DType.F32, d, H, (long) gates * H));
      inputs.add(Runs.random(scope, random, DType.F32, d, (long) biases * H));
      inputs.add(lengths);
      Tensor before = Runs.random(scope, random, DType.F32, state);
      inputs.add(before);
      if (kind == Kind.LSTM) {
        inputs.add(Runs.random(scope, random, DType.F32, state));
      }
      @Nullable Tensor[] all = inputs.toArray(Tensor[]::new);
      var fast =
          switch (kind) {
            case LSTM -> Runs.all(scope, new Lstm(spec, false), all);
            case GRU -> Runs.all(scope, new Gru(spec, true), all);
            case RNN -> Runs.all(scope, new Rnn(spec), all);
          };
      var loops =
          switch (kind) {
            case LSTM -> Runs.all(scope, new Lstm(slow, false), all);
            case GRU -> Runs.all(scope, new Gru(slow, true), all);
            case RNN -> Runs.all(scope, new Rnn(slow), all);
          };
      for (int i = 0; i < fast.size(); i++) {
        for (long at = 0; at < fast.get(i).elements(); at++) {
          assertThat(fast.get(i).get(at))
              .as("output %s at %s, seed %s", i, at, SEED)
              .isCloseTo(loops.get(i).get(at), within(5e-5));
        }
      }
      if (ends) {
        // the second row has no step: nothing in y, the state that it began with
        Tensor y = fast.getFirst();
        Tensor row = batchFirst ? y.select(0, 1) : y.select(2, 1);
        for (long at = 0; at < row.elements(); at++) {
          assertThat(row.get(at)).isZero();
        }
        assertThat(fast.get(1).select(batchFirst ? 0 : 1, 1).get(0))
            .isEqualTo(before.select(batchFirst ? 0 : 1, 1).get(0));
      }
    }
  }

  @Test
  void aStepOfAnLstmWithPeepholesIsItsFormula() {
    try (Scope scope = new Scope(1 << 16)) {
      Tensor x = scope.of(Shape.of(1, 1, 1), 0.5f);
      Tensor w = scope.of(Shape.of(1, 1, 4), 0.1f, 0.2f, 0.3f, 0.4f);
      Tensor r = scope.of(Shape.of(1, 1, 4), 0.5f, 0.6f, 0.7f, 0.8f);
      Tensor h0 = scope.of(Shape.of(1, 1, 1), 0.25f);
      Tensor c0 = scope.of(Shape.of(1, 1, 1), -0.5f);
      Tensor p = scope.of(Shape.of(1, 3), 0.9f, -0.4f, 0.3f); // i, o, f
      var spec = new RecurrentSpec(1, Direction.FORWARD);
      List<Tensor> out = Runs.all(scope, new Lstm(spec, false), x, w, r, null, null, h0, c0, p);
      double i = sigmoid(0.05 + 0.125 + 0.9 * -0.5);
      double f = sigmoid(0.1 + 0.15 + 0.3 * -0.5);
      double c = f * -0.5 + i * Math.tanh(0.15 + 0.175);
      double o = sigmoid(0.2 + 0.2 - 0.4 * c);
      assertThat(out.get(2).get(0)).isCloseTo(c, within(1e-6));
      assertThat(out.get(0).get(0)).isCloseTo(o * Math.tanh(c), within(1e-6));
    }
  }

  @Test
  void aResetBeforeTheProductIsNotOneAfterIt() {
    try (Scope scope = new Scope(1 << 16)) {
      Tensor x = scope.of(Shape.of(1, 1, 1), 0.5f);
      Tensor w = scope.of(Shape.of(1, 1, 3), 0.1f, 0.2f, 0.3f);
      Tensor r = scope.of(Shape.of(1, 1, 3), 0.5f, 0.6f, 0.7f);
      Tensor b = scope.of(Shape.of(1, 6), 0, 0, 0, 0, 0, 0.4f);
      Tensor h0 = scope.of(Shape.of(1, 1, 1), 0.25f);
      var spec = new RecurrentSpec(1, Direction.FORWARD);
      double reset = sigmoid(0.05 + 0.125);
      double z = sigmoid(0.1 + 0.15);
      double after = Math.tanh(0.15 + reset * (0.175 + 0.4));
      double before = Math.tanh(0.15 + reset * 0.175 + 0.4);
      assertThat(Runs.one(scope, new Gru(spec, true), x, w, r, b, null, h0).get(0))
          .isCloseTo((1 - z) * after + z * 0.25, within(1e-6));
      assertThat(Runs.one(scope, new Gru(spec, false), x, w, r, b, null, h0).get(0))
          .isCloseTo((1 - z) * before + z * 0.25, within(1e-6));
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @Test
  void shapesFollowFromNamedSizes() {
    Dim n = Dim.named("batch");
    Dim t = Dim.named("seq");
    var spec = new RecurrentSpec(8, Direction.BIDIRECTIONAL);
    List<@Nullable Fact> inputs = new ArrayList<>();
    inputs.add(Fact.of(DType.F32, List.of(t, n, Dim.of(3))));
    inputs.add(Fact.of(DType.F32, 2, 3, 32));
    inputs.add(Fact.of(DType.F32, 2, 8, 32));
    List<Fact> facts = new Lstm(spec, false).infer(inputs);
    assertThat(facts.get(0).shape()).isEqualTo(List.of(t, Dim.of(2), n, Dim.of(8)));
    assertThat(facts.get(1).shape()).isEqualTo(List.of(Dim.of(2), n, Dim.of(8)));
    inputs.set(1, Fact.of(DType.F32, 2, 3, 24));
    assertThatThrownBy(() -> new Lstm(spec, false).infer(inputs))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("w [2, 3, 24], expected [2, 3, 32]");
    var wrong =
        new RecurrentSpec(
            8, Direction.FORWARD, false, 0, Collections.nCopies(2, Activation.RNN.getFirst()));
    assertThatThrownBy(() -> new Lstm(wrong, false).infer(inputs))
        .hasMessageContaining("3 for each of 1 directions");
  }
}
