package dev.nagare.autograd;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels.Binary;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Sum, difference or product, element by element.
 *
 * <p>Shapes: {@code S, S -> S}; there is no broadcasting; the result lies as the first if that is
 * dense. Dtypes: all. Gradient: to both operands. Source: {@code torch.add}, {@code torch.sub},
 * {@code torch.mul}.
 */
final class Elementwise extends Node {
  private final Binary function;
  private final int @Nullable [] order;
  private final Tensor left;
  private final Tensor right;

  private Elementwise(
      Binary function, Variable a, Variable b, int @Nullable [] order, Tensor left, Tensor right) {
    super("elementwise", a, b);
    this.function = function;
    this.order = order;
    this.left = left;
    this.right = right;
  }

  static Variable apply(Binary function, Variable a, Variable b) {
    String op = function.name().toLowerCase(Locale.ROOT);
    Tape tape = Tape.of(op, a, b);
    if (a.value().dtype() != b.value().dtype() || !a.shape().equals(b.shape())) {
      throw TensorException.mismatch(op + ": expected equal operands, got " + a + " and " + b);
    }
    int[] order = MemoryOrder.of(a.value());
    Tensor left = MemoryOrder.seen(tape, a.value(), order);
    Tensor right = MemoryOrder.seen(tape, b.value(), order);
    Tensor out = tape.scope().empty(left.dtype(), left.shape());
    tape.kernels().binary(function, left, right, out);
    var node = new Elementwise(function, a, b, order, left, right);
    return tape.record(node, MemoryOrder.restored(out, order));
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor dy = MemoryOrder.seen(tape, gradient, order);
    flow(tape, dy, input(0), right, 1);
    flow(tape, dy, input(1), left, function == Binary.SUB ? -1 : 1);
  }

  private void flow(Tape tape, Tensor dy, Variable to, Tensor other, double sign) {
    if (!to.requiresGradient()) {
      return;
    }
    if (function == Binary.MUL) {
      Tensor term = tape.scope().empty(dy.dtype(), dy.shape());
      tape.kernels().binary(Binary.MUL, dy, other, term);
      MemoryOrder.add(tape, to, order, sum -> tape.kernels().axpy(sign, term, sum));
    } else {
      MemoryOrder.add(tape, to, order, sum -> tape.kernels().axpy(sign, dy, sum));
    }
  }
}
