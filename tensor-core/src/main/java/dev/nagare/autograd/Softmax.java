package dev.nagare.autograd;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/**
 * Softmax over the last axis, or its logarithm.
 *
 * <p>Formula: see {@link dev.nagare.tensor.kernel.Softmax}. Shapes: {@code [.., C] -> [.., C]}.
 * Dtypes: F32, F64. Gradient: to x. Source: {@code torch.softmax} and {@code torch.log_softmax}
 * with {@code dim=-1}.
 */
final class Softmax extends Node {
  private final boolean log;
  private final Tensor out;

  private Softmax(Variable x, boolean log, Tensor out) {
    super(log ? "logSoftmax" : "softmax", x);
    this.log = log;
    this.out = out;
  }

  static Variable apply(Variable x, boolean log) {
    String op = log ? "logSoftmax" : "softmax";
    Tape tape = Tape.of(op, x);
    if (x.shape().rank() == 0) {
      throw TensorException.mismatch(op + ": expected [.., C], got " + x);
    }
    Tensor out = tape.scope().empty(x.value().dtype(), x.shape());
    if (log) {
      tape.kernels().softmax().logForward(x.value(), out);
    } else {
      tape.kernels().softmax().forward(x.value(), out);
    }
    return tape.record(new Softmax(x, log, out), out);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor dx = gradientOf(tape, input(0));
    if (log) {
      tape.kernels().softmax().logBackward(out, gradient, dx);
    } else {
      tape.kernels().softmax().backward(out, gradient, dx);
    }
  }
}
