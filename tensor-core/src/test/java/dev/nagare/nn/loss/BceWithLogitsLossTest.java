package dev.nagare.nn.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.GradientCheck;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.init.Uniform;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BceWithLogitsLossTest {
  private final Scope scope = new Scope(1 << 12);
  private final Tape tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void gradientsOfLogitsAndTargetsMatchFiniteDifferences() {
    for (var loss :
        List.of(
            new BceWithLogitsLoss(),
            new BceWithLogitsLoss(3),
            new BceWithLogitsLoss(0.5, 1, 0, 2, 5))) {
      for (long[] shape : List.of(new long[] {5}, new long[] {4, 5}, new long[] {2, 3, 5})) {
        try (var check = new GradientCheck()) {
          Parameter logits = check.operand(new Uniform(4), shape);
          Parameter targets = check.operand(new Uniform(1), shape);
          check.check(on -> loss.forward(on.watch(logits), targets));
        }
      }
    }
  }

  @Test
  void isTheMeanOfTheLogarithms() {
    // σ(ln 3) = 3/4
    float three = (float) Math.log(3);
    double plain = -(Math.log(0.75) + Math.log(0.25)) / 2;
    assertThat(value(new BceWithLogitsLoss(), new float[] {three, three}, 1, 0))
        .isCloseTo(plain, within(1e-7));
    double weighted = -(2 * Math.log(0.75) + Math.log(0.25)) / 2;
    assertThat(value(new BceWithLogitsLoss(2), new float[] {three, three}, 1, 0))
        .isCloseTo(weighted, within(1e-7));
    double both = -(0.3 * Math.log(0.75) + 0.7 * Math.log(0.25));
    assertThat(value(new BceWithLogitsLoss(), new float[] {three}, 0.3f))
        .isCloseTo(both, within(1e-7));
  }

  @Test
  void logitsOfAnySizeStayFinite() {
    var loss = new BceWithLogitsLoss();
    assertThat(value(loss, new float[] {1e30f, -1e30f}, 1, 0)).isZero();
    assertThat(value(loss, new float[] {1e30f, -1e30f}, 0, 1)).isEqualTo(1e30f);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> value(new BceWithLogitsLoss(), new float[] {1, 2}, 1))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("bce with logits: expected targets like the logits")
        .hasMessageContaining("[2]")
        .hasMessageContaining("[1]");
    assertThatThrownBy(() -> value(new BceWithLogitsLoss(1, 2, 3), new float[] {1, 2}, 1, 0))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("expected logits [.., 3] as weights, got F32 [2]");
    assertThatThrownBy(() -> new BceWithLogitsLoss(1, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("positive weights of 0 or more");
  }

  private double value(BceWithLogitsLoss loss, float[] logits, float... targets) {
    tape.reset();
    Variable x = tape.constant(scope.of(Shape.of(logits.length), logits));
    return loss.forward(x, tape.constant(scope.of(Shape.of(targets.length), targets))).item();
  }
}
