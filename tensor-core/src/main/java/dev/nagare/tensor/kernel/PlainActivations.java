package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.KernelArguments.apart;
import static dev.nagare.tensor.kernel.KernelArguments.computable;
import static dev.nagare.tensor.kernel.KernelArguments.same;
import static dev.nagare.tensor.kernel.KernelArguments.writable;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;

/** {@link Activations} in plain Java: checks the arguments, then runs the loops of their dtype. */
final class PlainActivations implements Activations {
  private final ActivationLoops f32;
  private final ActivationLoops f64;

  PlainActivations(ActivationLoops f32, ActivationLoops f64) {
    this.f32 = f32;
    this.f64 = f64;
  }

  @Override
  public void forward(Function f, Tensor x, Tensor y) {
    if (Widened.takes(x)) {
      try (Widened wide = Widened.begin(f.op())) {
        Tensor result = wide.of("y", y);
        forward(f, wide.of("x", x), result);
        wide.narrow("y", result, y);
      }
      return;
    }
    check(f.op(), x, y);
    loops(x).forward(f, address(x), address(y), x.elements());
  }

  @Override
  public void backward(Function f, Tensor x, Tensor dy, Tensor dx) {
    check(f.op(), x, dy, dx);
    loops(x).backward(f, address(x), address(dy), address(dx), x.elements());
  }

  @Override
  public void leakyRelu(double slope, Tensor x, Tensor y) {
    if (Widened.takes(x)) {
      try (Widened wide = Widened.begin("leaky_relu")) {
        Tensor result = wide.of("y", y);
        leakyRelu(slope, wide.of("x", x), result);
        wide.narrow("y", result, y);
      }
      return;
    }
    check("leaky_relu", x, y);
    loops(x).leakyRelu(slope, address(x), address(y), x.elements());
  }

  @Override
  public void leakyReluBackward(double slope, Tensor x, Tensor dy, Tensor dx) {
    check("leaky_relu", x, dy, dx);
    loops(x).leakyReluBackward(slope, address(x), address(dy), address(dx), x.elements());
  }

  private static void check(String op, Tensor x, Tensor y) {
    computable(op, x);
    same(op, "y", y, "x", x);
    writable(op, "y", y);
    if (address(x) != address(y)) {
      apart(op, "y", y, "x", x);
    }
  }

  private static void check(String op, Tensor x, Tensor dy, Tensor dx) {
    computable(op, x);
    same(op, "dy", dy, "x", x);
    same(op, "dx", dx, "x", x);
    writable(op, "dx", dx);
    apart(op, "dx", dx, "x", x);
    apart(op, "dx", dx, "dy", dy);
  }

  private ActivationLoops loops(Tensor x) {
    return x.dtype() == DType.F32 ? f32 : f64;
  }

  private static long address(Tensor x) {
    return x.segment().address();
  }
}
