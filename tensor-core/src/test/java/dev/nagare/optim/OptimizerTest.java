package dev.nagare.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.nn.Parameter;
import dev.nagare.nn.ParameterFactory;
import dev.nagare.nn.init.Uniform;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ten steps of each optimizer against its formula in f64, and what all of them promise. */
class OptimizerTest {
  private static final int SIZE = 5;
  private static final double GRADIENT_SCALE = 0.5;

  private final Kernels kernels = KernelProviders.byName("scalar").kernels();
  private final ProcessMemory memory = new ProcessMemory("test");

  @AfterEach
  void close() {
    memory.close();
  }

  /** One parameter's element under the formula of an optimizer. */
  private interface Reference {
    double next(double p, double g, double rate, int step);
  }

  @Test
  void plainDescentFollowsTheFormulaWithDecay() {
    follows(
        group -> new Sgd(kernels, memory, Sgd.Options.PLAIN, group),
        (rateFactor, decay) -> (p, g, rate, step) -> p - rate * rateFactor * (g + decay * p));
  }

  @Test
  void momentumFollowsTheFormula() {
    follows(
        group -> new Sgd(kernels, memory, new Sgd.Options(0.9, 0.2, false), group),
        (rateFactor, decay) -> {
          double[] velocity = new double[1];
          return (p, g, rate, step) -> {
            double decayed = g + decay * p;
            velocity[0] = step == 1 ? decayed : 0.9 * velocity[0] + 0.8 * decayed;
            return p - rate * rateFactor * velocity[0];
          };
        });
  }

  @Test
  void nesterovFollowsTheFormula() {
    follows(
        group -> new Sgd(kernels, memory, Sgd.Options.nesterov(0.9), group),
        (rateFactor, decay) -> {
          double[] velocity = new double[1];
          return (p, g, rate, step) -> {
            double decayed = g + decay * p;
            velocity[0] = 0.9 * velocity[0] + decayed;
            return p - rate * rateFactor * (decayed + 0.9 * velocity[0]);
          };
        });
  }

  @Test
  void adamAddsItsDecayToTheGradient() {
    follows(
        group -> new Adam(kernels, memory, Adam.Betas.DEFAULT, group),
        (rateFactor, decay) -> {
          var adam = new AdamReference();
          return (p, g, rate, step) -> p - rate * rateFactor * adam.next(g + decay * p, step);
        });
  }

  @Test
  void adamWShrinksTheParameterFirst() {
    follows(
        group -> new AdamW(kernels, memory, Adam.Betas.DEFAULT, group),
        (rateFactor, decay) -> {
          var adam = new AdamReference();
          return (p, g, rate, step) -> {
            double r = rate * rateFactor;
            return p - r * decay * p - r * adam.next(g, step);
          };
        });
  }

  private static final class AdamReference {
    private double m;
    private double v;

    double next(double g, int step) {
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      double root = Math.sqrt(v / (1 - Math.pow(0.999, step)));
      return m / (1 - Math.pow(0.9, step)) / (root + 1e-8);
    }
  }

  private interface References {
    Reference of(double rateFactor, double decay);
  }

  private void follows(Function<ParameterGroup[], Optimizer> optimizer, References references) {
    Parameter a = parameter(DType.F64, 1);
    Parameter b = parameter(DType.F64, 2);
    List<Parameter> both = List.of(a, b);
    double[] rateFactors = {1, 0.1};
    double[] decays = {0.3, 0};
    var stepped =
        optimizer.apply(
            new ParameterGroup[] {
              ParameterGroup.of(List.of(a)).withWeightDecay(decays[0]),
              ParameterGroup.of(List.of(b)).withRateFactor(rateFactors[1])
            });
    double[][] expected = new double[2][SIZE];
    List<Reference> formulas = new ArrayList<>();
    for (int k = 0; k < 2 * SIZE; k++) {
      expected[k / SIZE][k % SIZE] = both.get(k / SIZE).value().get(k % SIZE);
      formulas.add(references.of(rateFactors[k / SIZE], decays[k / SIZE]));
    }
    for (int step = 1; step <= 10; step++) {
      double rate = 0.01 * step;
      for (int k = 0; k < 2 * SIZE; k++) {
        double gradient = 3 * Math.sin(step + k);
        both.get(k / SIZE).gradient().set(k % SIZE, gradient);
        double p = expected[k / SIZE][k % SIZE];
        expected[k / SIZE][k % SIZE] =
            formulas.get(k).next(p, GRADIENT_SCALE * gradient, rate, step);
      }
      stepped.step(rate, GRADIENT_SCALE);
      for (int k = 0; k < 2 * SIZE; k++) {
        assertThat(both.get(k / SIZE).value().get(k % SIZE))
            .as("step %s element %s", step, k)
            .isCloseTo(expected[k / SIZE][k % SIZE], within(1e-12));
        assertThat(both.get(k / SIZE).gradient().get(k % SIZE)).isZero();
      }
    }
    assertThat(stepped.steps()).isEqualTo(10);
  }

  @Test
  void aRestoredOptimizerGoesOnWithTheSameBits() throws IOException {
    goesOn(p -> new Sgd(kernels, p, memory, Sgd.Options.PLAIN));
    goesOn(p -> new Sgd(kernels, p, memory, new Sgd.Options(0.9, 0.2, false)));
    goesOn(p -> new Sgd(kernels, p, memory, Sgd.Options.nesterov(0.9)));
    goesOn(p -> new Adam(kernels, p, memory));
    goesOn(p -> new AdamW(kernels, p, memory));
  }

  private void goesOn(Function<List<Parameter>, Optimizer> maker) throws IOException {
    // Cut at 0, too: the first step is special for dampening.
    for (int cut = 0; cut < 3; cut++) {
      Parameter a = parameter(DType.F32, 1);
      Parameter b = parameter(DType.F32, 2);
      Optimizer first = maker.apply(List.of(a));
      Optimizer second = maker.apply(List.of(b));
      run(first, a, 0, cut);
      var bytes = new ByteArrayOutputStream();
      first.save(new DataOutputStream(bytes));
      run(second, b, 3, 5);
      second.load(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
      b.value().copyFrom(a.value());
      assertThat(second.steps()).isEqualTo(cut);
      run(first, a, cut, 6);
      run(second, b, cut, 6);
      assertThat(b.value().toFloats()).as("cut at %s", cut).isEqualTo(a.value().toFloats());
    }
  }

  private static void run(Optimizer optimizer, Parameter parameter, int from, int to) {
    for (int step = from; step < to; step++) {
      new Uniform(1).fill(parameter.gradient(), new CounterRandom(1, step, 0));
      optimizer.step(0.01);
    }
  }

  @Test
  void stateOfOtherParametersIsRefused() throws IOException {
    var bytes = new ByteArrayOutputStream();
    new AdamW(kernels, List.of(parameter(DType.F64, 1)), memory).save(new DataOutputStream(bytes));
    var other = new AdamW(kernels, List.of(parameter(DType.F32, 1)), memory);
    var in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
    assertThatThrownBy(() -> other.load(in))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a tensor F32 [5]");
    var negative =
        new DataInputStream(new ByteArrayInputStream(new byte[] {-1, 0, 0, 0, 0, 0, 0, 0}));
    assertThatThrownBy(() -> other.load(negative))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("adamw: expected steps of 0 or more");
  }

  @Test
  void adamWDecaysByAHundredthUnlessTold() {
    Parameter parameter = parameter(DType.F64, 1);
    double before = parameter.value().get(0);
    new AdamW(kernels, List.of(parameter), memory).step(0.5);
    assertThat(parameter.value().get(0)).isCloseTo(before * (1 - 0.5 * 0.01), within(1e-15));
  }

  @Test
  void aParameterInTwoGroupsIsRefused() {
    Parameter parameter = parameter(DType.F32, 1);
    var group = ParameterGroup.of(List.of(parameter));
    assertThatThrownBy(() -> new Sgd(kernels, memory, Sgd.Options.PLAIN, group, group))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sgd: expected every parameter once, got twice: p F32 [5]");
  }

  @Test
  void optionsThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> new Sgd.Options(1, 0, false))
        .hasMessageContaining("momentum in [0, 1)");
    assertThatThrownBy(() -> new Sgd.Options(0.9, 0.1, true)).hasMessageContaining("nesterov");
    assertThatThrownBy(() -> Sgd.Options.nesterov(0)).hasMessageContaining("nesterov");
    assertThatThrownBy(() -> new ParameterGroup(List.of(), -1, 0)).hasMessageContaining("-1.0");
    assertThatThrownBy(() -> new ClipValue(0)).hasMessageContaining("clip value");
  }

  @Test
  void clippingByValueLeavesWhatIsWithinTheLimit() {
    Parameter parameter = parameter(DType.F32, 1);
    float[] gradient = {-3, -0.5f, 0, 0.5f, Float.POSITIVE_INFINITY};
    parameter.gradient().copyFrom(gradient, 0);
    new ClipValue(0.5).apply(kernels, List.of(parameter));
    assertThat(parameter.gradient().toFloats()).containsExactly(-0.5f, -0.5f, 0, 0.5f, 0.5f);
  }

  private Parameter parameter(DType dtype, long seed) {
    return new ParameterFactory(memory, dtype, seed).create("p", new Uniform(1), SIZE);
  }
}
