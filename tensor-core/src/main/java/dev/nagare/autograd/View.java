package dev.nagare.autograd;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Expand;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Slice;
import dev.nagare.graph.op.Transpose;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The same elements in another shape, without a copy: permute, transpose, slice, narrow, select,
 * expand, squeeze, unsqueeze, and reshape where strides allow.
 *
 * <p>Shapes: as the {@link Tensor} method of the name says. Dtypes: all; F32 and F64 with a
 * gradient. Gradient: each element's to where it came from, summed where an element is repeated.
 * The result shares memory with its operand. Source: the views of {@code torch.Tensor}.
 */
final class View extends Node {
  private final UnaryOperator<Tensor> view;

  private View(String op, Variable x, UnaryOperator<Tensor> view) {
    super(op, x);
    this.view = view;
  }

  static Variable apply(String op, Variable x, UnaryOperator<Tensor> view) {
    Tape tape = Tape.of(op, x);
    return tape.record(new View(op, x, view), view.apply(x.value()));
  }

  @Override
  protected Value trace(Tracing into) {
    Value x = into.value(input(0));
    return switch (op) {
      case "reshape", "squeeze", "unsqueeze" -> into.add(new Reshape(into.shape()), x);
      case "expand" -> into.add(new Expand(into.shape()), x);
      case "permute", "transpose" -> into.add(new Transpose(order()), x);
      case "slice", "narrow" -> slice(into, x);
      case "select" -> select(into, x);
      default -> throw untraceable();
    };
  }

  /** Which axes of the operand those of the result are: seen at one whose sizes all differ. */
  private List<Integer> order() {
    long[] sizes = new long[input(0).shape().rank()];
    Arrays.setAll(sizes, axis -> axis + 1);
    try (var memory = new ProcessMemory("trace")) {
      Tensor probe = view.apply(memory.empty(DType.U8, Shape.of(sizes)));
      return Arrays.stream(probe.shape().toArray()).mapToObj(size -> (int) size - 1).toList();
    }
  }

  private Value slice(Tracing into, Value x) {
    Tensor whole = input(0).value();
    Tensor part = view.apply(whole);
    int axis = 0;
    while (axis < whole.shape().rank() && part.dim(axis) == whole.dim(axis)) {
      axis++;
    }
    if (axis == whole.shape().rank()) {
      return x;
    }
    long stride = whole.stride(axis);
    long step = part.dim(axis) > 1 ? part.stride(axis) / stride : 1;
    long bytes = part.base().address() - whole.base().address();
    long start = bytes / whole.dtype().bytes() / stride;
    Dim end = into.shape().get(axis).plus(-1).times(step).plus(start + 1);
    return into.add(
        new Slice(List.of(axis), List.of(Dim.of(start)), List.of(end), List.of(step)), x);
  }

  /**
   * One position of an axis, whose place is the same in both runs or else seen to differ.
   *
   * <p>The axis is the first without which sizes and strides are the result's; where several would
   * do, they hold the same.
   */
  private Value select(Tracing into, Value x) {
    Tensor whole = input(0).value();
    Tensor part = view.apply(whole);
    int axis = 0;
    while (!isWithout(whole, axis, part)) {
      axis++;
    }
    long elements = (part.base().address() - whole.base().address()) / whole.dtype().bytes();
    long at = elements == 0 ? 0 : elements / whole.stride(axis);
    var one = new Slice(List.of(axis), List.of(Dim.of(at)), List.of(Dim.of(at + 1)), List.of(1L));
    return into.add(new Reshape(into.shape()), into.add(one, x));
  }

  private static boolean isWithout(Tensor whole, int axis, Tensor part) {
    boolean same = true;
    for (int i = 0; same && i < part.shape().rank(); i++) {
      int from = i < axis ? i : i + 1;
      same = part.dim(i) == whole.dim(from) && part.stride(i) == whole.stride(from);
    }
    return same;
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    // The same view of the gradient says where each element came from.
    Tensor dx = view.apply(input(0).stridedAccumulator(tape));
    tape.kernels().reductions().addSum(1, gradient, dx);
  }
}
