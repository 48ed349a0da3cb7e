package dev.nagare.autograd;

import dev.nagare.graph.Value;
import dev.nagare.graph.op.LogSoftmax;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/**
 * Softmax over the last axis, or its logarithm.
 *
 * <p>Formula: see {@link dev.nagare.tensor.kernel.Softmax}. Shapes: {@code [.., C] -> [.., C]}, in
 * any strides. Dtypes: F32, F64. Gradient: to x. Source: {@code torch.softmax} and {@code
 * torch.log_softmax} with {@code dim=-1}.
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
    Tensor value = x.value().contiguous(tape.scope());
    Tensor out = tape.scope().empty(value.dtype(), x.shape());
    if (log) {
      tape.kernels().softmax().logForward(value, out);
    } else {
      tape.kernels().softmax().forward(value, out);
    }
    return tape.record(new Softmax(x, log, out), out);
  }

  @Override
  protected Value trace(Tracing into) {
    return into.add(
        log ? new LogSoftmax(-1) : new dev.nagare.graph.op.Softmax(-1), into.value(input(0)));
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
