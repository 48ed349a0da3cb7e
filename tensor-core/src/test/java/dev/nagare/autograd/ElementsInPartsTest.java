package dev.nagare.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.nn.Shards;
import dev.nagare.nn.init.Uniform;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ElementsInPartsTest {

  /** Result and gradients of a chain that has every shared kernel. */
  private static List<float[]> pass(String provider, long elements, int parts, int threads) {
    Kernels kernels = KernelProviders.byName(provider).kernels();
    try (var memory = new ProcessMemory("test");
        var scope = new Scope(1 << 20);
        var shards = new Shards(parts, threads)) {
      Tensor a = memory.empty(DType.F32, Shape.of(elements));
      Tensor b = memory.empty(DType.F32, Shape.of(elements));
      new Uniform(1).fill(a, new CounterRandom(3, 0, 1));
      new Uniform(1).fill(b, new CounterRandom(3, 0, 2));
      var tape = new Tape(kernels, scope, shards);
      Variable x = tape.leaf(a);
      Variable y = tape.leaf(b);
      Variable out = x.mul(y).tanh().add(x).relu().sub(y);
      float[] values = out.value().toFloats();
      out.square().sum().backward();
      return List.of(values, x.gradient().toFloats(), y.gradient().toFloats());
    }
  }

  @ParameterizedTest
  @CsvSource({"scalar, 0", "scalar, 19", "vector, 0", "vector, 19", "vector, -1"})
  void partsGiveTheBitsOfTheWhole(String provider, int more) {
    long elements = ElementsInParts.WORTH + more;
    List<float[]> whole = pass(provider, elements, 1, 1);
    for (int parts : List.of(2, 3, 7)) {
      List<float[]> shared = pass(provider, elements, parts, 2);
      for (int i = 0; i < whole.size(); i++) {
        assertThat(shared.get(i)).as("%s parts, result %s", parts, i).isEqualTo(whole.get(i));
      }
    }
  }
}
