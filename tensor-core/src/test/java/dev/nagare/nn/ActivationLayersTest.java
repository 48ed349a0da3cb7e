package dev.nagare.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.kernel.KernelProviders;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ActivationLayersTest {
  private final Scope scope = new Scope(1 << 18);
  private final Tape tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);

  @AfterEach
  void close() {
    scope.close();
  }

  /** PyTorch's results for -1 and 2, to their four digits. */
  @Test
  void layersGiveWhatPyTorchsGive() {
    gives(new Relu(), 0, 2);
    gives(new LeakyRelu(), -0.01f, 2);
    gives(new LeakyRelu(0.5), -0.5f, 2);
    gives(new Gelu(), -0.1587f, 1.9545f);
    gives(new Gelu(true), -0.1588f, 1.9546f);
    gives(new Silu(), -0.2689f, 1.7616f);
    gives(new HardSwish(), -0.3333f, 1.6667f);
    gives(new Sigmoid(), 0.2689f, 0.8808f);
    gives(new Tanh(), -0.7616f, 0.9640f);
    gives(new Softmax(), 0.0474f, 0.9526f);
    gives(new LogSoftmax(), -3.0486f, -0.0486f);
  }

  private void gives(Layer layer, float first, float second) {
    Variable y = layer.forward(tape.constant(scope.of(Shape.of(1, 2), -1, 2)));
    assertThat(y.value().toFloats())
        .as("%s", layer)
        .usingComparatorWithPrecision(5.1e-5f)
        .containsExactly(first, second);
  }

  @Test
  void dropoutLeavesOutInTrainingOnly() {
    var dropout = new Dropout(0.5);
    var model = new Sequential(dropout, new Relu());
    Variable ones = tape.constant(scope.of(Shape.of(1000), ones(1000)));
    dropout.streams(new Streams(1, 7));
    float[] first = model.forward(ones).value().toFloats();
    assertThat(first).contains(0f, 2f).doesNotContain(1f);
    float[] next = model.forward(ones).value().toFloats();
    assertThat(next).isNotEqualTo(first);
    dropout.streams(new Streams(1, 7));
    assertThat(model.forward(ones).value().toFloats()).isEqualTo(first);
    model.eval();
    assertThat(model.forward(ones).value().toFloats()).isEqualTo(ones(1000));
  }

  @Test
  void dropoutOfNothingIsTheOperand() {
    Variable x = tape.constant(scope.zeros(DType.F32, Shape.of(3)));
    assertThat(new Dropout(0).forward(x)).isSameAs(x);
  }

  @Test
  void dropoutRefusesToTrainWithoutRandomNumbersAndFractionsThatLeaveNothing() {
    Variable x = tape.constant(scope.zeros(DType.F32, Shape.of(3)));
    assertThatThrownBy(() -> new Dropout(0.5).forward(x))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("dropout: training needs random numbers");
    for (double fraction : new double[] {-0.1, 1, Double.NaN}) {
      assertThatThrownBy(() -> new Dropout(fraction)).hasMessageContaining("dropout: the fraction");
    }
  }

  private static float[] ones(int n) {
    float[] ones = new float[n];
    Arrays.fill(ones, 1);
    return ones;
  }
}
