package dev.nagare.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.kernel.KernelProviders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Pool1dTest {
  private final Scope scope = new Scope(1 << 16);
  private final Tape tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void windowsSeeStepsOfOneChannel() {
    Variable x = tape.constant(scope.of(Shape.of(1, 2, 5), 1, 5, 2, 4, 9, -1, -5, -2, -4, -9));
    gives(new MaxPool1d(2), x, 5, 4, -1, -2);
    gives(new MaxPool1d(3, 2, 1, 1), x, 5, 5, 9, -1, -2, -4);
    gives(new MaxPool1d(2, 1, 0, 3), x, 4, 9, -1, -5);
    gives(new AvgPool1d(2), x, 3, 3, -3, -3);
    gives(new AvgPool1d(2, 3, 1, true), x, 0.5f, 3, -0.5f, -3);
    gives(new AvgPool1d(2, 3, 1, false), x, 1, 3, -1, -3);
  }

  private void gives(Layer layer, Variable x, float... expected) {
    var y = layer.forward(x).value();
    assertThat(y.shape()).isEqualTo(Shape.of(1, 2, expected.length / 2));
    assertThat(y.contiguous(scope).toFloats()).as("%s", layer).containsExactly(expected);
  }

  @Test
  void gradientsMatchFiniteDifferences() {
    try (var check = new GradientCheck()) {
      Parameter x = check.operand(2, 3, 9);
      check.check(tape -> new MaxPool1d(3, 2, 1, 1).forward(tape.watch(x)));
      check.check(tape -> new AvgPool1d(3, 2, 1, true).forward(tape.watch(x)));
      check.check(tape -> new AvgPool1d(4, 1, 2, false).forward(tape.watch(x)));
    }
  }

  @Test
  void imagesAreRefused() {
    Variable image = tape.constant(scope.zeros(DType.F32, Shape.of(1, 2, 4, 4)));
    assertThatThrownBy(() -> new MaxPool1d(2).forward(image))
        .hasMessageContaining("maxPool1d: expected x [N, C, L], got")
        .hasMessageContaining("[1, 2, 4, 4]");
    assertThatThrownBy(() -> new AvgPool1d(2).forward(image))
        .hasMessageContaining("avgPool1d: expected x [N, C, L], got");
  }
}
