package dev.nagare.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.TensorException.Kind;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelArgumentsTest {
  private final Scope scope = new Scope(1 << 16);

  @AfterEach
  void close() {
    scope.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void matmulNamesWhatDoesNotFit(String provider) {
    Kernels kernels = KernelProviders.byName(provider).kernels();
    Tensor a = zeros(2, 3);
    Tensor b = zeros(3, 4);
    Tensor out = zeros(2, 4);
    refused(
        () -> kernels.matmul(a, true, b, false, null, out, false),
        "matmul: a [2, 3] transposed times b [3, 4] does not fit out [2, 4]");
    refused(() -> kernels.matmul(a, false, a, false, null, out, false), "b [2, 3]");
    refused(() -> kernels.matmul(a, false, b, false, null, zeros(2, 5), false), "out [2, 5]");
    refused(
        () -> kernels.matmul(a, false, b, false, zeros(3), out, false),
        "matmul: bias has shape [3], expected [4]");
    refused(() -> kernels.matmul(a, false, b, false, zeros(4), out, true), "while accumulating");
    refused(() -> kernels.matmul(zeros(6), false, b, false, null, out, false), "expected 2 axes");
    refused(
        () -> kernels.matmul(a, false, scope.zeros(DType.F64, b.shape()), false, null, out, false),
        "b is F64 [3, 4], expected F32");
    Tensor square = zeros(3, 3);
    refused(
        () -> kernels.matmul(square, false, square, false, null, square, false),
        "out [3, 3] overlaps a [3, 3]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void lstmNamesWhatDoesNotFit(String provider) {
    Kernels kernels = KernelProviders.byName(provider).kernels();
    Tensor gates = zeros(1, 2, 12);
    Tensor weight = zeros(3, 12);
    Tensor state = zeros(1, 3);
    Tensor h = zeros(1, 2, 3);
    Tensor c = zeros(1, 2, 3);
    refused(
        () -> kernels.lstmForward(gates, zeros(4, 12), state, state, h, c),
        "gates [1, 2, 12] do not fit weightHh [4, 12]");
    refused(
        () -> kernels.lstmForward(gates, weight, zeros(2, 3), state, h, c),
        "lstmForward: h0 has shape [2, 3], expected [1, 3]");
    refused(
        () -> kernels.lstmForward(gates, weight, state, state, h, zeros(1, 3, 3)),
        "c has shape [1, 3, 3], expected [1, 2, 3]");
    refused(() -> kernels.lstmForward(gates, weight, state, state, h, h), "h [1, 2, 3] overlaps c");
    refused(
        () ->
            kernels.lstmBackward(
                gates, weight, state, state, h, c, zeros(2, 2, 3), weight, state, state),
        "dh is F32 [2, 2, 3], expected the same as h");
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void elementwiseKernelsWantEqualShapes(String provider) {
    Kernels kernels = KernelProviders.byName(provider).kernels();
    Tensor x = zeros(4);
    Tensor other = zeros(2, 2);
    refused(() -> kernels.unary(Kernels.Unary.TANH, x, other), "out is F32 [2, 2], expected");
    refused(() -> kernels.binary(Kernels.Binary.ADD, x, x, other), "out is F32 [2, 2]");
    refused(() -> kernels.unaryBackward(Kernels.Unary.ABS, x, x, other, x), "dy is F32 [2, 2]");
    refused(() -> kernels.axpy(1, x, other), "axpy: y is F32 [2, 2], expected the same as x");
    refused(() -> kernels.addColumnSums(other, x), "out has shape [4], expected [2]");
    refused(
        () -> kernels.adam(x, x, other, x, new Kernels.AdamStep(1, 0.9, 0.999, 1e-8, 0.1, 0.1, 1)),
        "adam: m is F32 [2, 2]");
    var step = new Kernels.SgdStep(1, 0.9, 1, false, 0, 1);
    refused(() -> kernels.sgd(x, other, null, step), "sgd: gradient is F32 [2, 2]");
    refused(() -> kernels.sgd(x, x, other, step), "sgd: velocity is F32 [2, 2]");
    refused(() -> kernels.clip(0, x), "clip: expected a limit > 0, got 0.0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void tensorsThatEndedNeverReachAKernel(String provider) {
    Kernels kernels = KernelProviders.byName(provider).kernels();
    Tensor old = zeros(3, 3);
    scope.reset();
    Tensor a = zeros(3, 3);
    Tensor out = zeros(3, 3);
    closed(() -> kernels.matmul(old, false, a, false, null, out, false));
    closed(() -> kernels.matmul(a, false, a, false, null, old, false));
    closed(() -> kernels.unary(Kernels.Unary.EXP, old, out));
    closed(() -> kernels.binary(Kernels.Binary.MUL, a, old, out));
    closed(() -> kernels.sum(old));
    closed(() -> kernels.scale(2, old));
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void dtypesThatAreNotComputedAreNamed(String provider) {
    Kernels kernels = KernelProviders.byName(provider).kernels();
    for (DType dtype : DType.values()) {
      if (dtype == DType.F32 || dtype == DType.F64) {
        continue;
      }
      Tensor x = scope.zeros(dtype, Shape.of(2, 2));
      Tensor out = scope.zeros(dtype, Shape.of(2, 2));
      String expected = ": expected F32 or F64, got " + x;
      Tensor third = scope.zeros(dtype, Shape.of(2, 2));
      if (dtype != DType.BF16) { // which has forward passes
        refused(() -> kernels.unary(Kernels.Unary.EXP, x, out), "unary" + expected);
        refused(() -> kernels.binary(Kernels.Binary.ADD, x, x, out), "binary" + expected);
        refused(() -> kernels.sum(x), "sum" + expected);
        refused(
            () -> kernels.matmul(x, false, out, false, null, third, false), "matmul" + expected);
      }
      refused(() -> kernels.axpy(1, x, out), "axpy" + expected);
      refused(() -> kernels.scale(2, x), "scale" + expected);
      refused(() -> kernels.clip(2, x), "clip" + expected);
      refused(() -> kernels.addColumnSums(x, x.select(0, 0)), "overlaps");
      refused(() -> kernels.addColumnSums(x, out.select(0, 0)), "addColumnSums" + expected);
      var step = new Kernels.SgdStep(1, 0.9, 1, false, 0, 1);
      refused(() -> kernels.sgd(x, out, null, step), "sgd" + expected);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void tensorsThatAreNotContiguousAreRefused(String provider) {
    Kernels kernels = KernelProviders.byName(provider).kernels();
    Tensor x = zeros(2, 3).transpose(0, 1);
    Tensor y = zeros(3, 2);
    Tensor z = zeros(3, 3);
    refused(() -> kernels.unary(Kernels.Unary.EXP, x, y), "contiguous(memory)");
    refused(() -> kernels.binary(Kernels.Binary.ADD, y, y, x), "contiguous(memory)");
    refused(() -> kernels.matmul(x, false, zeros(2, 3), false, null, z, false), "strides [1, 3]");
    refused(() -> kernels.matmul(y, false, y.transpose(0, 1), false, null, z, false), "strides");
    refused(() -> kernels.sum(x), "contiguous(memory)");
    refused(() -> kernels.axpy(1, y, x), "contiguous(memory)");
  }

  private Tensor zeros(long... dims) {
    return scope.zeros(DType.F32, Shape.of(dims));
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TensorException.class, e -> assertThat(e.kind()).isEqualTo(Kind.MISMATCH))
        .hasMessageContaining(message);
  }

  private static void closed(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TensorException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CLOSED));
  }
}
