package dev.nagare.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.autograd.LstmSequence;
import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.init.Uniform;
import dev.nagare.nn.loss.HuberLoss;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LstmTest {
  private static final int INPUT = 3;
  private static final int HIDDEN = 20;
  private static final int STEPS = 12;

  /** Rounding of sums of about 30 terms of size 1 in f32, through 12 steps. */
  private static final double F32_ERROR = 1e-5;

  static Stream<Kernels> providers() {
    return KernelProviders.names().stream()
        .flatMap(
            name -> {
              try {
                return Stream.of(KernelProviders.byName(name).kernels());
              } catch (TensorException e) {
                System.out.println("LstmTest runs without " + name + ": " + e.getMessage());
                return Stream.empty();
              }
            });
  }

  @ParameterizedTest
  @MethodSource("providers")
  void aSequenceCutAnywhereGivesTheSameBitsAsUncut(Kernels kernels) {
    for (int rows : List.of(1, 3)) {
      float[] whole = hidden(kernels, rows, STEPS);
      for (int cut = 1; cut < STEPS; cut++) {
        assertThat(hidden(kernels, rows, cut)).as("cut after %s", cut).isEqualTo(whole);
      }
    }
  }

  private static float[] hidden(Kernels kernels, int rows, int cut) {
    try (var memory = new ProcessMemory("test");
        var scope = new Scope(1 << 16)) {
      var lstm = new Lstm(new ParameterFactory(memory, DType.F32, 5), INPUT, HIDDEN);
      var tape = new Tape(kernels, scope);
      float[] all = new float[rows * STEPS * HIDDEN];
      LstmSequence.Result first = lstm.forward(tape.constant(input(scope, rows, 0, cut)));
      place(first.hidden().value(), all, 0, cut);
      if (cut < STEPS) {
        Variable rest = tape.constant(input(scope, rows, cut, STEPS));
        var second = lstm.forward(rest, first.lastHidden().detach(), first.lastCell().detach());
        place(second.hidden().value(), all, cut, STEPS);
      }
      return all;
    }
  }

  private static Tensor input(Scope scope, int rows, int from, int to) {
    Tensor x = scope.empty(DType.F32, Shape.of(rows, to - from, INPUT));
    var random = new CounterRandom(9, 0, 0);
    for (int n = 0, i = 0; n < rows; n++) {
      for (int t = from; t < to; t++) {
        for (int j = 0; j < INPUT; j++) {
          x.set(i++, 2 * random.uniform((n * STEPS + t) * INPUT + j) - 1);
        }
      }
    }
    return x;
  }

  private static void place(Tensor hidden, float[] all, int from, int to) {
    float[] part = hidden.toFloats();
    int rows = (int) hidden.dim(0);
    int length = (to - from) * HIDDEN;
    for (int n = 0; n < rows; n++) {
      System.arraycopy(part, n * length, all, (n * STEPS + from) * HIDDEN, length);
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void f32FollowsF64(Kernels kernels) {
    double[] exact = stepGradients(KernelProviders.byName("scalar").kernels(), DType.F64);
    double[] rounded = stepGradients(kernels, DType.F32);
    for (int i = 0; i < exact.length; i++) {
      double error = Math.abs(rounded[i] - exact[i]) / Math.max(1, Math.abs(exact[i]));
      assertThat(error).as("element %s", i).isLessThan(F32_ERROR);
    }
  }

  private static double[] stepGradients(Kernels kernels, DType dtype) {
    try (var memory = new ProcessMemory("test");
        var scope = new Scope(1 << 16)) {
      var factory = new ParameterFactory(memory, dtype, 5);
      var lstm = new Lstm(factory, INPUT, HIDDEN);
      var head = new Linear(factory, HIDDEN, 2);
      List<Parameter> parameters = new ArrayList<>(lstm.parameters());
      parameters.addAll(head.parameters());
      for (Parameter parameter : parameters) {
        for (int i = 0; i < parameter.value().elements(); i++) {
          parameter.value().set(i, (float) parameter.value().get(i)); // the same start in both
        }
      }
      Tensor x = scope.empty(dtype, Shape.of(2, STEPS, INPUT));
      new Uniform(0.5).fill(x, new CounterRandom(3, 0, 0));
      for (int i = 0; i < x.elements(); i++) {
        x.set(i, (float) x.get(i));
      }
      var tape = new Tape(kernels, scope);
      Variable forecast = head.forward(lstm.forward(tape.constant(x)).lastHidden());
      Variable target = tape.constant(scope.zeros(dtype, Shape.of(2, 2)));
      Variable loss = new HuberLoss(0.1).forward(forecast, target);
      loss.backward();
      double[] all = new double[] {loss.item()};
      for (Parameter parameter : parameters) {
        int at = all.length;
        all = Arrays.copyOf(all, at + (int) parameter.value().elements());
        for (int i = 0; i < parameter.value().elements(); i++) {
          all[at + i] = parameter.gradient().get(i);
        }
      }
      return all;
    }
  }

  @Test
  void gradientsOfTheLayerMatchFiniteDifferences() {
    for (int hidden : List.of(1, 4, 6)) {
      try (var check = new GradientCheck()) {
        var lstm = new Lstm(check.factory(), 2, hidden);
        var head = new Linear(check.factory(), hidden, 3);
        check.include(lstm.parameters());
        check.include(head.parameters());
        Parameter x = check.operand(2, 5, 2);
        check.check(tape -> head.forward(lstm.forward(tape.watch(x)).lastHidden()));
        check.check(tape -> head.forward(lstm.forward(tape.watch(x)).hidden()));
      }
    }
  }

  @Test
  void parametersAreNamedAsInPyTorchAndStartWithinItsBounds() {
    try (var memory = new ProcessMemory("test")) {
      var lstm = new Lstm(new ParameterFactory(memory, DType.F32, 1), 2, 16);
      assertThat(lstm.namedParameters().keySet())
          .containsExactly("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0");
      assertThat(lstm.parameter("weight_hh_l0").shape()).isEqualTo(Shape.of(16, 64));
      for (Parameter parameter : lstm.parameters()) {
        float[] values = parameter.value().toFloats();
        for (float value : values) {
          assertThat(value).isBetween(-0.25f, 0.25f);
        }
        assertThat(values).doesNotHaveDuplicates();
      }
      assertThatThrownBy(() -> lstm.parameter("weight"))
          .hasMessageContaining("no parameter weight")
          .hasMessageContaining("weight_ih_l0");
    }
  }

  @Test
  void weightsOfPyTorchAreTransposed() {
    try (var memory = new ProcessMemory("test")) {
      var lstm = new Lstm(new ParameterFactory(memory, DType.F32, 1), 2, 1);
      lstm.copyFromTorch(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, new float[] {9, 10, 11, 12});
      assertThat(lstm.parameter("weight_ih_l0").value().toFloats())
          .containsExactly(1, 3, 5, 7, 2, 4, 6, 8);
      assertThat(lstm.parameter("weight_hh_l0").value().toFloats()).containsExactly(9, 10, 11, 12);
      assertThatThrownBy(() -> lstm.copyFromTorch(new float[7], new float[4]))
          .hasMessageContaining("expected 4 x 2 weights, got 7");
    }
  }
}
