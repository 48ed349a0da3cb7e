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
 * Every step-th position of some axes, from a start up to but not including an end. Any dtype.
 *
 * <p>With a positive step {@code 0 <= start <= end <= size}; with a negative one, which walks
 * backwards, {@code -1 <= end <= start < size}. Unlike the ONNX operator it holds nothing to these
 * limits; that is done where a model is imported, and what names leave open is checked when they
 * are bound. Source: ONNX {@code Slice}.
 *
 * @param axes counted from the first, each once
 * @param starts first position of each
 * @param ends the position before which each ends
 * @param steps none of them 0
 */
public record Slice(List<Integer> axes, List<Dim> starts, List<Dim> ends, List<Long> steps)
    implements Operator {
  /** Copies the lists. */
  public Slice {
    axes = List.copyOf(axes);
    starts = List.copyOf(starts);
    ends = List.copyOf(ends);
    steps = List.copyOf(steps);
    boolean whole =
        starts.size() == axes.size() && ends.size() == axes.size() && steps.size() == axes.size();
    if (!whole || steps.contains(0L)) {
      throw TensorException.mismatch(
          "slice: axes " + axes + " from " + starts + " to " + ends + " in steps of " + steps);
    }
  }

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    List<Dim> shape = new ArrayList<>(x.shape());
    for (int i = 0; i < axes.size(); i++) {
      int at = Rules.axis(name(), axes.get(i), x.rank());
      Dim start = starts.get(i);
      Dim end = ends.get(i);
      long step = steps.get(i);
      check(x, at, start, end, step);
      // The number of steps, rounded up.
      Dim span = step > 0 ? end.minus(start) : start.minus(end);
      long size = Math.abs(step);
      shape.set(at, size == 1 ? span : span.plus(size - 1).floorDiv(size));
    }
    return List.of(new Fact(x.dtype(), shape, contents(x, shape)));
  }

  private void check(Fact x, int at, Dim start, Dim end, long step) {
    Dim size = x.dim(at);
    boolean forward = step > 0;
    boolean fits =
        natural(forward ? start : end.plus(1))
            && natural(forward ? end.minus(start) : start.minus(end))
            && natural(forward ? size.minus(end) : size.minus(start).plus(-1));
    // Of no positions it does not matter where they are not.
    boolean none = start.equals(end);
    if (!fits && !none) {
      throw TensorException.mismatch(
          "slice: from "
              + start
              + " to "
              + end
              + " in steps of "
              + step
              + " of axis "
              + at
              + " of "
              + x.shape());
    }
  }

  /** Whether a difference is, or may be, 0 or more. */
  private static boolean natural(Dim dim) {
    return !dim.isKnown() || dim.value() >= 0;
  }

  private @Nullable List<Dim> contents(Fact x, List<Dim> shape) {
    if (axes.isEmpty()) {
      return x.contents();
    }
    List<Dim> elements = x.contents();
    if (elements == null || x.rank() != 1 || axes.size() != 1 || !shape.getFirst().isKnown()) {
      return null;
    }
    List<Dim> chosen = new ArrayList<>();
    if (!starts.getFirst().isKnown()) {
      return null;
    }
    long at = starts.getFirst().value();
    for (long i = 0; i < shape.getFirst().value(); i++, at += steps.getFirst()) {
      chosen.add(elements.get((int) at));
    }
    return chosen;
  }

  @Override
  public Operator bind(Map<String, Long> names) {
    return new Slice(
        axes,
        starts.stream().map(dim -> dim.bind(names)).toList(),
        ends.stream().map(dim -> dim.bind(names)).toList(),
        steps);
  }

  @Override
  public Order order() {
    return Order.ANY;
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Moves.operand(inputs, 0);
    Tensor y = outputs.getFirst();
    long[] strides = x.strides();
    long first = 0;
    if (y.elements() > 0) {
      for (int i = 0; i < axes.size(); i++) {
        int at = Rules.axis(name(), axes.get(i), strides.length);
        first += starts.get(i).value() * strides[at];
        // One position needs no step, and a huge one must not overflow.
        strides[at] = y.dim(at) < 2 ? strides[at] : strides[at] * steps.get(i);
      }
    }
    return StridedCopy.between(x, first, strides, y)::run;
  }
}
