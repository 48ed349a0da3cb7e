package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.StridedCopy;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Positions added before and after those of each axis, or taken away where a number is negative.
 * Any dtype. Source: ONNX {@code Pad}.
 *
 * @param mode what the new positions hold
 * @param before how many before, one number for each axis
 * @param after how many after
 * @param value what they hold in mode {@link Mode#CONSTANT}
 */
public record Pad(Mode mode, List<Dim> before, List<Dim> after, double value) implements Operator {

  /** What new positions hold. */
  public enum Mode {
    /** One value. */
    CONSTANT,
    /** The tensor mirrored at its outermost positions, which are not repeated. */
    REFLECT,
    /** The outermost position. */
    EDGE,
    /** The tensor again from its other end. */
    WRAP
  }

  /** Copies the lists. */
  public Pad {
    before = List.copyOf(before);
    after = List.copyOf(after);
  }

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    if (before.size() != x.rank() || after.size() != x.rank()) {
      throw TensorException.mismatch("pad: " + before + " and " + after + " of " + x.shape());
    }
    List<Dim> shape = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      Dim size = x.dim(i).plus(before.get(i)).plus(after.get(i));
      if (size.isKnown() && size.value() < 0) {
        throw TensorException.mismatch(
            "pad: "
                + before.get(i)
                + " and "
                + after.get(i)
                + " of axis "
                + i
                + " of "
                + x.shape());
      }
      shape.add(size);
    }
    return List.of(Fact.of(x.dtype(), shape));
  }

  @Override
  public Operator bind(Map<String, Long> names) {
    return new Pad(
        mode,
        before.stream().map(dim -> dim.bind(names)).toList(),
        after.stream().map(dim -> dim.bind(names)).toList(),
        value);
  }

  @Override
  public Order order() {
    return mode == Mode.CONSTANT ? Order.ANY : Order.ROW_MAJOR;
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Moves.operand(inputs, 0);
    Tensor y = outputs.getFirst();
    return mode == Mode.CONSTANT ? constant(x, y) : mapped(x, y);
  }

  private Step constant(Tensor x, Tensor y) {
    Tensor from = x;
    Tensor to = y;
    for (int axis = 0; axis < x.shape().rank(); axis++) {
      long shift = before.get(axis).value();
      long begin = Math.clamp(shift, 0, y.dim(axis));
      long end = Math.clamp(x.dim(axis) + shift, begin, y.dim(axis));
      to = to.narrow(axis, begin, end - begin);
      from = from.narrow(axis, Math.clamp(begin - shift, 0, x.dim(axis)), end - begin);
    }
    StridedCopy inside = StridedCopy.between(from, to);
    return () -> {
      Moves.fill(y, value);
      inside.run();
    };
  }

  private Step mapped(Tensor x, Tensor y) {
    int rank = x.shape().rank();
    long[][] sources = new long[rank][];
    for (int axis = 0; axis < rank; axis++) {
      sources[axis] = sources(axis, x.dim(axis), y.dim(axis), x.stride(axis));
    }
    return () -> copy(x, y, sources, 0, 0, 0);
  }

  /** Where each position of an axis of the output is in x, in elements. */
  private long[] sources(int axis, long size, long wanted, long stride) {
    if (size == 0 && wanted > 0) {
      throw TensorException.mismatch("pad: axis " + axis + " has no position to repeat");
    }
    long[] places = new long[Math.toIntExact(wanted)];
    for (int i = 0; i < places.length; i++) {
      long at = i - before.get(axis).value();
      places[i] =
          switch (mode) {
                case EDGE, CONSTANT -> Math.clamp(at, 0, size - 1);
                case WRAP -> Math.floorMod(at, size);
                case REFLECT -> {
                  long period = Math.max(1, 2 * (size - 1));
                  long place = Math.floorMod(at, period);
                  yield place < size ? place : period - place;
                }
              }
              * stride;
    }
    return places;
  }

  /** Copies from an axis on; answers the next row-major position of y. */
  private static long copy(Tensor x, Tensor y, long[][] sources, int axis, long from, long to) {
    if (axis == sources.length) {
      Moves.element(x, from, y, to);
      return to + 1;
    }
    long next = to;
    for (long source : sources[axis]) {
      next = copy(x, y, sources, axis + 1, from + source, next);
    }
    return next;
  }
}
