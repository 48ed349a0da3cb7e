package dev.nagare.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.init.Uniform;
import dev.nagare.nn.loss.SoftmaxCrossEntropy;
import dev.nagare.optim.Sgd;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResNetTest {

  @ParameterizedTest(name = "{0} to {1} channels, stride {2}")
  @CsvSource({"3, 3, 1", "2, 4, 2", "2, 3, 1"})
  void aResidualBlockMatchesFiniteDifferences(int in, int out, int stride) {
    try (var check = new GradientCheck()) {
      var block = new ResidualBlock(check.factory(), in, out, stride);
      Parameter x = check.operand(2, in, 4, 4);
      check.include(block.parameters());
      check.check(tape -> block.forward(tape.watch(x)));
    }
  }

  @Test
  void layersInSequenceMatchFiniteDifferences() {
    try (var check = new GradientCheck()) {
      var factory = check.factory();
      var layers =
          new Sequential(
              new Conv1d(factory, 2, 4, 3, 1, 1, 1, 2, true),
              new BatchNorm1d(factory, 4),
              Variable::tanh,
              new Conv1d(factory, 4, 3, 2),
              new GlobalAvgPool(),
              new Linear(factory, 3, 2));
      assertThat(layers.namedParameters().keySet())
          .containsExactly(
              "0.weight",
              "0.bias",
              "1.weight",
              "1.bias",
              "3.weight",
              "3.bias",
              "5.weight",
              "5.bias");
      Parameter x = check.operand(3, 2, 6);
      check.include(layers.parameters());
      check.check(tape -> layers.forward(tape.watch(x)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"vector", "onednn"})
  void aResNet20LearnsABatchByHeart(String provider) {
    try (var training = new Training(KernelProviders.byName(provider).kernels(), 8)) {
      double first = training.step();
      double last = first;
      for (int i = 0; i < 30; i++) {
        last = training.step();
      }
      assertThat(first).isBetween(1.5, 4.0); // ln 10 for guesses
      assertThat(last).isLessThan(0.3 * first);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void inInferenceAnImageHasTheSameBitsInAnyBatch(String provider) {
    Kernels kernels = KernelProviders.byName(provider).kernels();
    int images = provider.equals("scalar") ? 3 : 9;
    try (var memory = new ProcessMemory("test");
        var scope = new Scope(1 << 20)) {
      var network = new ResNet20(new ParameterFactory(memory, DType.F32, 1), 10);
      network.eval();
      Tensor x = memory.empty(DType.F32, Shape.of(images, 3, 32, 32));
      new Uniform(1).fill(x, new CounterRandom(2, 0, 0));
      Tape tape = new Tape(kernels, scope);
      float[] all = logits(tape, network, x);
      for (int n : new int[] {1, 2, images - 1}) {
        for (int from : new int[] {0, images - n}) {
          assertThat(logits(tape, network, x.narrow(from, n)))
              .as("images %s to %s", from, from + n)
              .isEqualTo(Arrays.copyOfRange(all, 10 * from, 10 * (from + n)));
        }
      }
    }
  }

  private static float[] logits(Tape tape, ResNet20 network, Tensor x) {
    try (var _ = tape.noGrad()) {
      return network.forward(tape.constant(x)).value().toFloats();
    } finally {
      tape.reset();
    }
  }

  /** The step that the benchmark {@code cnn-b16} times, on a batch of any size. */
  static final class Training implements AutoCloseable {
    private final ProcessMemory memory = new ProcessMemory("test");
    private final Scope scope = new Scope(1 << 20);
    private final Tape tape;
    private final ResNet20 network;
    private final Sgd sgd;
    private final SoftmaxCrossEntropy loss = new SoftmaxCrossEntropy();
    private final Tensor images;
    private final Tensor labels;

    Training(Kernels kernels, int batch) {
      tape = new Tape(kernels, scope);
      network = new ResNet20(new ParameterFactory(memory, DType.F32, 1), 10);
      List<Parameter> parameters = network.parameters();
      sgd = new Sgd(kernels, parameters, memory, Sgd.Options.momentum(0.9));
      images = memory.empty(DType.F32, Shape.of(batch, 3, 32, 32));
      new Uniform(1).fill(images, new CounterRandom(2, 0, 0));
      labels = memory.zeros(DType.F32, Shape.of(batch));
      for (int i = 0; i < batch; i++) {
        labels.set(i, i % 10);
      }
    }

    double step() {
      tape.reset();
      Variable value = loss.forward(network.forward(tape.constant(images)), tape.constant(labels));
      value.backward();
      sgd.step(0.05);
      return value.item();
    }

    @Override
    public void close() {
      scope.close();
      memory.close();
    }
  }
}
