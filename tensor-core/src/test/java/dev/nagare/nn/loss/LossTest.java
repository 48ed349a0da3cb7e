package dev.nagare.nn.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.autograd.Tape;
import dev.nagare.nn.GradientCheck;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.init.Uniform;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.kernel.KernelProviders;
import java.util.List;
import org.junit.jupiter.api.Test;

class LossTest {

  @Test
  void gradientsMatchFiniteDifferences() {
    for (Loss loss :
        List.of(
            new MseLoss(),
            new HuberLoss(1),
            new HuberLoss(0.3),
            new MaeLoss(),
            new QuantileLoss(0.9))) {
      for (long[] shape : List.of(new long[] {1}, new long[] {4, 5}, new long[] {2, 3, 4})) {
        try (var check = new GradientCheck()) {
          Parameter prediction = check.operand(new Uniform(2), shape);
          Parameter target = check.operand(new Uniform(2), shape);
          check.check(tape -> loss.forward(tape.watch(prediction), target));
        }
      }
    }
  }

  @Test
  void valuesAreThoseOfTheFormulas() {
    // Differences 0.5, -1 and 3.
    assertThat(value(new MseLoss())).isCloseTo((0.25 + 1 + 9) / 3, within(1e-12));
    assertThat(value(new HuberLoss(1))).isCloseTo((0.125 + 0.5 + 2.5) / 3, within(1e-12));
    assertThat(value(new HuberLoss(2))).isCloseTo((0.125 + 0.5 + 4) / 3, within(1e-12));
    assertThat(value(new MaeLoss())).isCloseTo((0.5 + 1 + 3) / 3, within(1e-12));
    assertThat(value(new QuantileLoss(0.9))).isCloseTo((0.05 + 0.9 + 0.3) / 3, within(1e-12));
  }

  private static double value(Loss loss) {
    try (var scope = new Scope(1 << 10)) {
      var tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);
      var prediction = scope.zeros(DType.F64, Shape.of(3));
      prediction.set(0, 0.5);
      prediction.set(1, -1);
      prediction.set(2, 3);
      var target = tape.constant(scope.zeros(DType.F64, Shape.of(3)));
      return loss.forward(tape.constant(prediction), target).item();
    }
  }

  @Test
  void aQuantileOutsideOfZeroToOneIsRefused() {
    for (double quantile : new double[] {0, 1, Double.NaN}) {
      assertThatThrownBy(() -> new QuantileLoss(quantile))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("quantile loss: expected a quantile in (0, 1), got " + quantile);
    }
  }

  @Test
  void aTargetOfAnotherShapeIsRefused() {
    try (var scope = new Scope(1 << 10)) {
      var tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);
      var a = tape.constant(scope.zeros(DType.F32, Shape.of(3)));
      var b = tape.constant(scope.zeros(DType.F32, Shape.of(3, 1)));
      assertThatThrownBy(() -> new MseLoss().forward(a, b))
          .hasMessageContaining("[3]")
          .hasMessageContaining("[3, 1]");
    }
  }
}
