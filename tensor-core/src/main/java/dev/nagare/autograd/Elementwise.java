package dev.nagare.autograd;

import dev.nagare.graph.Value;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels.Binary;
import dev.nagare.tensor.kernel.Pointwise.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sum, difference, product, quotient, maximum, minimum or power, element by element.
 *
 * <p>Shapes: {@code A, B ->} what both are {@link Broadcast} to; operands in any strides; what is
 * equal in shape lies as the first operand if that is dense. Dtypes: F32, F64. Gradient: to both
 * operands, summed over the axes that an operand repeated; of equal operands of maximum and minimum
 * each gets half; of a power at base 0 the exponent gets none. Source: {@code torch.add}, {@code
 * sub}, {@code mul}, {@code div}, {@code maximum}, {@code minimum}, {@code pow}.
 */
final class Elementwise extends Node {
  private final Function function;

  private Elementwise(Function function, Variable a, Variable b) {
    super(function.op(), a, b);
    this.function = function;
  }

  static Variable apply(Function function, Variable a, Variable b) {
    Tape tape = Tape.of(function.op(), a, b);
    return tape.record(new Elementwise(function, a, b), compute(tape, function, a, b));
  }

  private static Tensor compute(Tape tape, Function function, Variable a, Variable b) {
    Tensor x = a.value();
    Tensor y = b.value();
    Binary simple = simple(function);
    if (simple != null && Broadcast.alike(x, y)) {
      Tensor out = tape.scope().empty(x.dtype(), x.shape());
      ElementsInParts.binary(tape, simple, x, y, out);
      return out;
    }
    if (simple != null && x.dtype() == y.dtype() && x.shape().equals(y.shape())) {
      int[] order = MemoryOrder.of(x);
      Tensor left = MemoryOrder.seen(tape, x, order);
      Tensor out = tape.scope().empty(x.dtype(), left.shape());
      ElementsInParts.binary(tape, simple, left, MemoryOrder.seen(tape, y, order), out);
      return MemoryOrder.restored(out, order);
    }
    Tensor out = tape.scope().empty(x.dtype(), Broadcast.shape(function.op(), a, b));
    tape.kernels().pointwise().binary(function, x, y, out);
    return out;
  }

  /** What has a kernel of its own for equal shapes, without the search for rows. */
  private static @Nullable Binary simple(Function function) {
    return switch (function) {
      case ADD -> Binary.ADD;
      case SUB -> Binary.SUB;
      case MUL -> Binary.MUL;
      default -> null;
    };
  }

  @Override
  protected Value trace(Tracing into) {
    var same =
        switch (function) {
          case ADD -> dev.nagare.graph.op.Binary.Function.ADD;
          case SUB -> dev.nagare.graph.op.Binary.Function.SUB;
          case MUL -> dev.nagare.graph.op.Binary.Function.MUL;
          case DIV -> dev.nagare.graph.op.Binary.Function.DIV;
          case MAXIMUM -> dev.nagare.graph.op.Binary.Function.MAX;
          case MINIMUM -> dev.nagare.graph.op.Binary.Function.MIN;
          case POW -> dev.nagare.graph.op.Binary.Function.POW;
          case SAME -> throw untraceable();
        };
    return into.add(
        new dev.nagare.graph.op.Binary(same), into.value(input(0)), into.value(input(1)));
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    for (int i = 0; i < 2; i++) {
      if (input(i).requiresGradient()) {
        flow(tape, gradient, i == 0);
      }
    }
  }

  private void flow(Tape tape, Tensor gradient, boolean toA) {
    Variable to = input(toA ? 0 : 1);
    if (function == Function.ADD || function == Function.SUB) {
      Broadcast.flow(tape, function == Function.SUB && !toA ? -1 : 1, gradient, to);
      return;
    }
    Tensor term = tape.scope().empty(gradient.dtype(), gradient.shape());
    Tensor other = input(toA ? 1 : 0).value();
    if (function == Function.MUL && Broadcast.alike(gradient, other)) {
      tape.kernels().binary(Binary.MUL, gradient, other, term);
    } else if (function == Function.MUL) {
      tape.kernels().pointwise().binary(Function.MUL, gradient, other, term);
    } else {
      Tensor a = input(0).value();
      Tensor b = input(1).value();
      tape.kernels().pointwise().slope(function, toA, a, b, gradient, term);
    }
    Broadcast.flow(tape, 1, term, to);
  }
}
