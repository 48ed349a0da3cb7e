package dev.nagare.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import java.util.List;
import org.junit.jupiter.api.Test;

class NormAndEmbeddingTest {

  @Test
  void softmaxAndItsLogarithmMatchFiniteDifferences() {
    for (long[] shape : List.of(new long[] {1}, new long[] {2, 5}, new long[] {2, 3, 17})) {
      try (var check = new GradientCheck()) {
        Parameter x = check.operand(shape);
        check.check(tape -> tape.watch(x).softmax());
        check.check(tape -> tape.watch(x).logSoftmax());
      }
    }
  }

  @Test
  void layerNormMatchesFiniteDifferences() {
    for (long[] shape : List.of(new long[] {3}, new long[] {2, 5}, new long[] {2, 3, 17})) {
      try (var check = new GradientCheck()) {
        var norm = new LayerNorm(check.factory(), (int) shape[shape.length - 1]);
        check.include(norm.parameters());
        Parameter x = check.operand(shape);
        check.check(tape -> norm.forward(tape.watch(x)));
      }
    }
  }

  @Test
  void embeddingMatchesFiniteDifferences() {
    try (var check = new GradientCheck()) {
      var embedding = new Embedding(check.factory(), 5, 3);
      check.include(embedding.parameters());
      check.check(tape -> embedding.forward(tape, new int[] {0, 4, 4, 2, 0, 4}, 2, 3).square());
    }
  }

  @Test
  void aPaddingRowStartsAtZeroAndStaysWithoutGradient() {
    try (var memory = new ProcessMemory("test");
        var scope = new Scope(1 << 12)) {
      var factory = new ParameterFactory(memory, DType.F32, 3);
      var embedding = Embedding.padded(factory, 4, 3, 2);
      var tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);
      Variable rows = embedding.forward(tape, new int[] {2, 1}, 2);
      assertThat(rows.value().narrow(0, 1).toFloats()).containsExactly(0, 0, 0);
      rows.sum().backward();
      assertThat(embedding.parameter("weight").gradient().toFloats())
          .containsExactly(0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0);
      assertThatThrownBy(() -> Embedding.padded(factory, 4, 3, 4))
          .hasMessageContaining("from 0 to 3, got 4");
      assertThatThrownBy(() -> embedding.forward(tape, new int[] {1, 2}, 3))
          .hasMessageContaining("2 indices do not fit the shape [3]");
    }
  }

  @Test
  void indicesMayHaveAnyDtypeOfWholeNumbersAndStrangersAreRefused() {
    try (var memory = new ProcessMemory("test");
        var scope = new Scope(1 << 14)) {
      var embedding = new Embedding(new ParameterFactory(memory, DType.F32, 3), 4, 3);
      var tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);
      float[] expected = embedding.forward(tape, new int[] {3, 0}, 2).value().toFloats();
      assertThat(expected).hasSize(6);
      for (DType dtype : List.of(DType.I32, DType.I64, DType.U8, DType.F32, DType.F64)) {
        Tensor indices = scope.zeros(dtype, Shape.of(2));
        indices.set(0, 3);
        assertThat(embedding.forward(tape, indices).value().toFloats()).isEqualTo(expected);
      }
      for (long stranger : new long[] {-1, 4, Long.MIN_VALUE, (1L << 53) + 1, Long.MAX_VALUE}) {
        Tensor indices = scope.zeros(DType.I64, Shape.of(2));
        indices.setLong(1, stranger);
        assertThatThrownBy(() -> embedding.forward(tape, indices))
            .hasMessageContaining(
                "embedding: index 1 is " + stranger + ", expected a whole number");
      }
      for (double stranger : new double[] {-0.5, 0.5, 4, 1e300, Double.NaN}) {
        Tensor indices = scope.zeros(DType.F64, Shape.of(2));
        indices.set(1, stranger);
        assertThatThrownBy(() -> embedding.forward(tape, indices))
            .hasMessageContaining(
                "embedding: index 1 is " + stranger + ", expected a whole number");
      }
    }
  }

  @Test
  void layerNormStartsAsPyTorchsAndNamesItsParametersSo() {
    try (var memory = new ProcessMemory("test");
        var scope = new Scope(1 << 12)) {
      var norm = new LayerNorm(new ParameterFactory(memory, DType.F32, 3), 4);
      assertThat(norm.namedParameters().keySet()).containsExactly("weight", "bias");
      var tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);
      // Mean 2.5, variance 1.25: PyTorch's result to its four digits.
      Variable y = norm.forward(tape.constant(scope.of(Shape.of(4), 1, 2, 3, 4)));
      assertThat(y.value().toFloats())
          .usingComparatorWithPrecision(5e-5f)
          .containsExactly(-1.3416f, -0.4472f, 0.4472f, 1.3416f);
    }
  }

  @Test
  void aScalarIsRefused() {
    try (var scope = new Scope(1 << 10)) {
      var tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);
      Variable scalar = tape.constant(scope.zeros(DType.F32, Shape.of()));
      assertThatThrownBy(scalar::softmax).hasMessageContaining("softmax: expected [.., C]");
      assertThatThrownBy(scalar::logSoftmax).hasMessageContaining("logSoftmax: expected [.., C]");
    }
  }
}
