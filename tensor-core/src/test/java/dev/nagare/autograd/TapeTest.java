package dev.nagare.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TapeTest {
  private final Scope scope = new Scope(1 << 12);
  private final Tape tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void gradientsAccumulateOverBackwardsUntilTheyAreZeroed() {
    Variable x = tape.leaf(scope.of(Shape.of(2), 1, 3));
    x.square().sum().backward();
    assertThat(x.gradient().toFloats()).containsExactly(2, 6);
    x.square().sum().backward();
    assertThat(x.gradient().toFloats()).containsExactly(4, 12);
    x.gradient().zero();
    x.sum().backward();
    assertThat(x.gradient().toFloats()).containsExactly(1, 1);
  }

  @Test
  void anOperatorWithoutBackwardThrowsInsteadOfCuttingTheGraph() {
    Variable x = tape.leaf(scope.of(Shape.of(1), 1.5f));
    Tensor rounded = scope.of(Shape.of(1), 2);
    assertThatThrownBy(() -> tape.recordWithoutBackward("round", rounded, x))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("round: has no backward")
        .hasMessageContaining("detach()");
    assertThat(tape.recordWithoutBackward("round", rounded, x.detach()).requiresGradient())
        .isFalse();
    try (var _ = tape.noGrad()) {
      assertThat(tape.recordWithoutBackward("round", rounded, x).requiresGradient()).isFalse();
    }
  }

  @Test
  void aSecondBackwardOverAFreedTapeSaysSo() {
    Variable loss = tape.leaf(scope.of(Shape.of(1), 2)).square().sum();
    loss.backward();
    assertThatThrownBy(loss::backward)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("freed by an earlier backward")
        .hasMessageContaining("run the forward again");
  }

  @Test
  void aStateThatIsCarriedOverABackwardMustBeDetached() {
    Variable x = tape.leaf(scope.of(Shape.of(1), 2));
    Variable state = x.tanh();
    state.sum().backward();
    assertThatThrownBy(() -> state.mul(x))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("detach()");
    state.detach().mul(x).sum().backward();
    double y = state.item();
    assertThat(x.gradient().get(0))
        .isCloseTo(1 - y * y + y, org.assertj.core.data.Offset.offset(1e-6));
  }

  @Test
  void nothingIsRecordedUnderNoGrad() {
    Variable x = tape.leaf(scope.of(Shape.of(1), 2));
    Variable y;
    try (var _ = tape.noGrad()) {
      y = x.square();
    }
    assertThat(y.requiresGradient()).isFalse();
    assertThat(x.square().requiresGradient()).isTrue();
    assertThatThrownBy(y::backward).hasMessageContaining("requires a gradient");
  }

  @Test
  void aDetachedValueStopsTheGradient() {
    Variable x = tape.leaf(scope.of(Shape.of(1), 3));
    x.detach().mul(x).sum().backward();
    assertThat(x.gradient().get(0)).isEqualTo(3);
  }

  @Test
  void aResultIsNotValidAfterTheStep() {
    Variable y = tape.constant(scope.of(Shape.of(1), 3)).square();
    tape.reset();
    assertThatThrownBy(y::item)
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("used after its end");
  }

  @Test
  void aBackwardNeedsOneElement() {
    Variable y = tape.leaf(scope.of(Shape.of(2), 3, 4)).square();
    assertThatThrownBy(y::backward).hasMessageContaining("expected one element");
  }

  @Test
  void aResultDoesNotShowItsGradient() {
    Variable y = tape.leaf(scope.of(Shape.of(1), 3)).square();
    assertThatThrownBy(y::gradient).hasMessageContaining("only a leaf");
    assertThatThrownBy(() -> y.detach().gradient()).hasMessageContaining("requires none");
  }

  @Test
  void operandsThatDoNotFitAreNamedWithBothShapes() {
    Variable a = tape.constant(scope.zeros(DType.F32, Shape.of(2, 3)));
    Variable b = tape.constant(scope.zeros(DType.F32, Shape.of(2, 4)));
    assertThatThrownBy(() -> a.add(b))
        .hasMessageContaining("[2, 3]")
        .hasMessageContaining("[2, 4]");
    assertThatThrownBy(() -> a.matmul(b))
        .hasMessageContaining("matmul: expected [M, K] and [K, N]");
    assertThatThrownBy(() -> a.linear(b, b)).hasMessageContaining("linear: expected");
    assertThatThrownBy(a::lastStep).hasMessageContaining("lastStep: expected [N, T, C]");
  }

  @Test
  void operandsOfTwoTapesDoNotMix() {
    try (var other = new Scope(64)) {
      Variable a = tape.constant(scope.zeros(DType.F32, Shape.of(2)));
      Variable b = new Tape(tape.kernels(), other).constant(other.zeros(DType.F32, Shape.of(2)));
      assertThatThrownBy(() -> a.add(b)).hasMessageContaining("different tapes");
    }
  }
}
