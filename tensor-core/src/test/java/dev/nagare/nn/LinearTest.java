package dev.nagare.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.autograd.Tape;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.kernel.KernelProviders;
import org.junit.jupiter.api.Test;

class LinearTest {

  @Test
  void multipliesByTheTransposedWeightAndAddsTheBias() {
    try (var memory = new ProcessMemory("test");
        var scope = new Scope(1 << 10)) {
      var linear = new Linear(new ParameterFactory(memory, DType.F32, 1), 2, 3);
      linear.parameter("weight").value().copyFrom(new float[] {1, 2, 3, 4, 5, 6}, 0);
      linear.parameter("bias").value().copyFrom(new float[] {10, 20, 30}, 0);
      var tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);
      var y = linear.forward(tape.constant(scope.of(Shape.of(2, 2), 1, 1, 2, -1)));
      assertThat(y.value().toFloats()).containsExactly(13, 27, 41, 10, 22, 34);
    }
  }

  @Test
  void aLoneRowHasTheBitsItHasAmongOthers() {
    KernelProviders.names().forEach(LinearTest::compareRows);
  }

  private static void compareRows(String provider) {
    try (var memory = new ProcessMemory("test");
        var scope = new Scope(1 << 14)) {
      var linear = new Linear(new ParameterFactory(memory, DType.F32, 1), 64, 8);
      var tape =
          new Tape(KernelProviders.firstOf(java.util.List.of(provider, "scalar")).kernels(), scope);
      var x = scope.empty(DType.F32, Shape.of(5, 64));
      new dev.nagare.nn.init.Uniform(1).fill(x, new dev.nagare.tensor.CounterRandom(4, 0, 0));
      float[] all = linear.forward(tape.constant(x)).value().toFloats();
      for (int row = 0; row < 5; row++) {
        var one = linear.forward(tape.constant(x.narrow(row, 1))).value();
        for (int i = 0; i < 8; i++) {
          assertThat((float) one.get(i)).isEqualTo(all[row * 8 + i]);
        }
      }
    }
  }
}
