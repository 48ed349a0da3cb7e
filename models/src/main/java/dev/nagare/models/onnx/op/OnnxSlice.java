package dev.nagare.models.onnx.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.op.Slice;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code Slice}, opset 1–20: starts, ends, axes (by default the first ones) and since opset 10
 * steps; attributes before opset 10, inputs since, which must be known as sizes.
 *
 * <p>What is beyond an axis is held to it. Where that depends on a named size, the position is
 * taken to be within, which is checked when the name is bound.
 */
final class OnnxSlice implements OnnxOperator {
  @Override
  public String name() {
    return "Slice";
  }

  @Override
  public void add(NodeReader node) {
    boolean old = node.opset() < 10;
    Fact x = node.fact(0);
    List<Dim> starts = old ? dims(node.requiredIntegers("starts")) : node.sizes(1);
    List<Dim> ends = old ? dims(node.requiredIntegers("ends")) : node.sizes(2);
    List<Long> given = old ? node.integers("axes") : node.has(3) ? node.integersOf(3) : null;
    List<Long> steps = !old && node.has(4) ? node.integersOf(4) : null;
    int n = starts.size();
    if (ends.size() != n
        || (given != null && given.size() != n)
        || (steps != null && steps.size() != n)
        || n > x.rank()) {
      throw node.refuse(
          "starts " + starts + ", ends " + ends + ", axes " + given + ", steps " + steps);
    }
    List<Integer> axes = given == null ? node.firstAxes(n) : node.axes(given, x.rank());
    List<Dim> from = new ArrayList<>();
    List<Dim> to = new ArrayList<>();
    List<Long> by = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      Dim size = x.dim(axes.get(i));
      long step = steps == null ? 1 : steps.get(i);
      if (step == 0 || step == Long.MIN_VALUE) {
        throw node.refuse("step " + step);
      }
      Dim start = step > 0 ? held(starts.get(i), size, 0, 0) : held(starts.get(i), size, 0, -1);
      Dim end = step > 0 ? held(ends.get(i), size, 0, 0) : held(ends.get(i), size, -1, -1);
      Dim way = step > 0 ? end.minus(start) : start.minus(end);
      from.add(start);
      to.add(way.isKnown() && way.value() < 0 ? start : end);
      by.add(step);
    }
    node.emit(new Slice(axes, from, to, by), node.input(0));
  }

  private static List<Dim> dims(List<Long> numbers) {
    return numbers.stream().map(Dim::of).toList();
  }

  /**
   * A position, which may count from the end, held to {@code lowest .. size + above}; far beyond
   * the end it is the end whatever the size.
   */
  private static Dim held(Dim position, Dim size, long lowest, long above) {
    Dim last = size.plus(above);
    if (!position.isKnown()) {
      // Taken to be within, but for one that is seen to count from the end.
      return position.times(-1).plus(-1).isNatural() ? size.plus(position) : position;
    }
    long at = position.value();
    if (at >= Integer.MAX_VALUE) {
      return last;
    }
    if (at < -Integer.MAX_VALUE) {
      return Dim.of(lowest);
    }
    Dim counted = at < 0 ? size.plus(at) : position;
    if (!counted.isKnown() || !last.isKnown()) {
      return counted;
    }
    return Dim.of(Math.clamp(counted.value(), lowest, Math.max(lowest, last.value())));
  }
}
