package dev.nagare.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.init.Uniform;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Window;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConvolutionInPartsTest {
  private static final int ROWS = 5;

  /** Result, gradient of the images, then those of weights and biases. */
  private static List<float[]> pass(String provider, int rows, int parts, int threads) {
    Kernels kernels = KernelProviders.byName(provider).kernels();
    try (var memory = new ProcessMemory("test");
        var scope = new Scope(1 << 18);
        var shards = new Shards(parts, threads)) {
      var factory = new ParameterFactory(memory, DType.F32, 1);
      var first = new Conv2d(factory, 3, 8, Window.of(3, 3).padding(1, 1));
      var norm = new BatchNorm2d(factory, 8);
      var second = new Conv2d(factory, 8, 4, Window.of(3, 3).stride(2, 2), 2, true);
      Tensor images = memory.empty(DType.F32, Shape.of(rows, 3, 7, 6));
      new Uniform(1).fill(images, new CounterRandom(7, 0, 1));
      var tape = new Tape(kernels, scope, shards);
      Variable x = tape.leaf(images);
      Variable y = second.forward(norm.forward(first.forward(x)).relu());
      List<float[]> all = new ArrayList<>();
      all.add(y.contiguous().value().toFloats());
      y.square().mean().backward();
      all.add(x.gradient().toFloats());
      for (Module layer : List.of(first, norm, second)) {
        layer.parameters().forEach(p -> all.add(p.gradient().toFloats()));
      }
      return all;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void bitsDoNotDependOnTheNumberOfThreads(String provider) {
    List<float[]> one = pass(provider, ROWS, 3, 1);
    for (int threads : List.of(2, 3)) {
      List<float[]> more = pass(provider, ROWS, 3, threads);
      for (int i = 0; i < one.size(); i++) {
        assertThat(more.get(i)).as("%s threads, result %s", threads, i).isEqualTo(one.get(i));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void partsGiveWhatTheWholeBatchDoesAndTheForwardTheSameBits(String provider) {
    // Seven parts of five images: some have none.
    for (int parts : List.of(2, 3, 7)) {
      List<float[]> whole = pass(provider, ROWS, 1, 1);
      List<float[]> shared = pass(provider, ROWS, parts, 2);
      assertThat(shared.getFirst()).isEqualTo(whole.getFirst());
      for (int i = 1; i < whole.size(); i++) {
        for (int j = 0; j < whole.get(i).length; j++) {
          // Gradients of about 0.1; sums of some hundred products in another order.
          assertThat((double) shared.get(i)[j]).isCloseTo(whole.get(i)[j], within(1e-5));
        }
      }
    }
  }
}
