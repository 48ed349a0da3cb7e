package dev.nagare.nn.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.GradientCheck;
import dev.nagare.nn.Parameter;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SoftmaxCrossEntropyTest {
  private final Scope scope = new Scope(1 << 16);
  private final Tape tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);
  private final SoftmaxCrossEntropy loss = new SoftmaxCrossEntropy();

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void matchesFiniteDifferences() {
    for (int classes : new int[] {1, 2, 5}) {
      try (var check = new GradientCheck()) {
        Parameter logits = check.operand(2, 3, classes);
        check.check(
            on -> {
              Tensor labels = on.scope().zeros(DType.F64, Shape.of(6));
              for (int i = 0; i < 6; i++) {
                labels.set(i, i % classes);
              }
              return loss.forward(on.watch(logits), on.constant(labels));
            });
      }
    }
  }

  @Test
  void isTheMeanOfTheLogarithms() {
    // softmax(ln 1, ln 3) = (1/4, 3/4)
    double value = of(new float[] {0, (float) Math.log(3), (float) Math.log(3), 0}, 1, 1);
    assertThat(value).isCloseTo((Math.log(4 / 3.0) + Math.log(4)) / 2, within(1e-7));
  }

  @Test
  void logitsOfAnySizeStayFinite() {
    assertThat(of(new float[] {1e30f, -1e30f}, 0)).isZero();
    assertThat(of(new float[] {1e30f, -1e30f}, 1)).isFinite();
  }

  @Test
  void aLabelThatIsNoClassIsRefused() {
    for (float label : new float[] {-1, 2, 0.5f, Float.NaN}) {
      assertThatThrownBy(() -> of(new float[] {0, 0}, label))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("label of row 0 is no class of 2");
    }
  }

  private double of(float[] logits, float... labels) {
    tape.reset();
    Variable x =
        tape.leaf(scope.of(Shape.of(labels.length, logits.length / labels.length), logits));
    return loss.forward(x, tape.constant(scope.of(Shape.of(labels.length), labels))).item();
  }
}
