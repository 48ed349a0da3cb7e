package dev.nagare.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchNormTest {
  private final ProcessMemory memory = new ProcessMemory("test");
  private final Scope scope = new Scope(1 << 16);
  private final Tape tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);
  private final ParameterFactory factory = new ParameterFactory(memory, DType.F64, 1);

  @AfterEach
  void close() {
    scope.close();
    memory.close();
  }

  @Test
  void runningStatisticsFollowTheBatchWithTheUnbiasedVariance() {
    var norm = new BatchNorm1d(factory, 2);
    // Channel 0: 1, 2, 3, 6 with mean 3 and squares 4 + 1 + 0 + 9; channel 1 is constant.
    Tensor y = norm.forward(constant(4, 2, 1, 5, 2, 5, 3, 5, 6, 5)).value();
    assertThat(y.get(0)).isCloseTo(-2 / Math.sqrt(3.5 + 1e-5), within(1e-12));
    assertThat(y.get(1)).isZero();
    Tensor mean = buffer(norm, "running_mean");
    Tensor variance = buffer(norm, "running_var");
    assertThat(mean.get(0)).isCloseTo(0.3, within(1e-12));
    assertThat(mean.get(1)).isCloseTo(0.5, within(1e-12));
    assertThat(variance.get(0)).isCloseTo(0.9 + 0.1 * 14 / 3, within(1e-12));
    assertThat(variance.get(1)).isCloseTo(0.9, within(1e-12));
    assertThat(buffer(norm, "num_batches_tracked").getLong(0)).isEqualTo(1);
  }

  @Test
  void inferenceUsesTheRunningStatisticsAndLeavesThemAlone() {
    var norm = new BatchNorm2d(factory, 1);
    buffer(norm, "running_mean").set(0, 2);
    buffer(norm, "running_var").set(0, 4 - 1e-5);
    norm.parameter("weight").value().set(0, 3);
    norm.parameter("bias").value().set(0, 1);
    norm.eval();
    Tensor y = norm.forward(tape.constant(tensor(new double[] {2, 4}, 1, 1, 1, 2))).value();
    assertThat(y.get(0)).isCloseTo(1, within(1e-12));
    assertThat(y.get(1)).isCloseTo(4, within(1e-12));
    assertThat(buffer(norm, "running_mean").get(0)).isEqualTo(2);
    assertThat(buffer(norm, "num_batches_tracked").getLong(0)).isZero();
  }

  @Test
  void buffersAndTheModeReachTheParts() {
    var block = new ResidualBlock(factory, 2, 4, 2);
    assertThat(block.namedBuffers().keySet())
        .containsExactly(
            "bn1.running_mean",
            "bn1.running_var",
            "bn1.num_batches_tracked",
            "bn2.running_mean",
            "bn2.running_var",
            "bn2.num_batches_tracked",
            "downsample.1.running_mean",
            "downsample.1.running_var",
            "downsample.1.num_batches_tracked");
    assertThat(block.namedParameters().keySet())
        .containsExactly(
            "conv1.weight",
            "bn1.weight",
            "bn1.bias",
            "conv2.weight",
            "bn2.weight",
            "bn2.bias",
            "downsample.0.weight",
            "downsample.1.weight",
            "downsample.1.bias");
    assertThat(block.isTraining()).isTrue();
    block.eval();
    Variable x = tape.constant(tensor(new double[0], 1, 2, 4, 4));
    var _ = block.forward(x);
    assertThat(buffer(block, "downsample.1.num_batches_tracked").getLong(0)).isZero();
    block.train();
    var _ = block.forward(x);
    assertThat(buffer(block, "downsample.1.num_batches_tracked").getLong(0)).isOne();
  }

  @Test
  void whatDoesNotFitIsNamed() {
    assertThatThrownBy(() -> new BatchNorm2d(factory, 3).forward(constant(1, 2, 1, 1)))
        .isInstanceOf(TensorException.class)
        .hasMessage(
            "batchNorm: expected x of 4 to 4 axes with 3 features in the second, got F64 [1, 2]");
    assertThatThrownBy(() -> new BatchNorm1d(factory, 3).forward(constant(2, 2, 1, 1, 1, 1)))
        .hasMessageContaining("2 to 3 axes with 3 features");
    assertThatThrownBy(() -> new BatchNorm1d(factory, 2).forward(constant(1, 2, 1, 1)))
        .hasMessageContaining("at least two values of each channel");
  }

  private static Tensor buffer(Module module, String name) {
    return Objects.requireNonNull(module.namedBuffers().get(name));
  }

  private Variable constant(long n, long c, double... values) {
    return tape.constant(tensor(values, n, c));
  }

  private Tensor tensor(double[] values, long... dims) {
    Tensor tensor = scope.zeros(DType.F64, Shape.of(dims));
    for (int i = 0; i < values.length; i++) {
      tensor.set(i, values[i]);
    }
    return tensor;
  }
}
