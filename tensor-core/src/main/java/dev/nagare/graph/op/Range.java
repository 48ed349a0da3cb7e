package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whole numbers {@code start, start + delta, ..} before limit, I64 {@code [n]}. Source: ONNX {@code
 * Range}.
 *
 * @param start the first
 * @param limit before which they end
 * @param delta from one to the next, a number other than 0
 */
public record Range(Dim start, Dim limit, Dim delta) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    if (!delta.isKnown() || delta.is(0)) {
      throw TensorException.mismatch(
          "range: from " + start + " to " + limit + " in steps of " + delta);
    }
    long step = delta.value();
    Dim span = step > 0 ? limit.minus(start) : start.minus(limit);
    Dim n = Math.abs(step) == 1 ? span : span.plus(Math.abs(step) - 1).floorDiv(Math.abs(step));
    if (n.isKnown() && n.value() < 0) {
      n = Dim.ZERO;
    }
    List<Dim> contents = null;
    if (n.isKnown() && n.value() <= Fact.MOST_CONTENTS) {
      contents = new ArrayList<>();
      for (long i = 0; i < n.value(); i++) {
        contents.add(start.plus(i * step));
      }
    }
    return List.of(new Fact(DType.I64, List.of(n), contents));
  }

  @Override
  public Operator bind(Map<String, Long> names) {
    return new Range(start.bind(names), limit.bind(names), delta.bind(names));
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor y = outputs.getFirst();
    long first = start.value();
    long step = delta.value();
    return () -> {
      for (long i = 0, n = y.elements(); i < n; i++) {
        y.setLong(i, first + i * step);
      }
    };
  }
}
