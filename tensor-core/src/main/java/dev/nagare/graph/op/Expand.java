package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Axes of size 1 repeated, and repeated axes in front, until x has a shape that it broadcasts to.
 * Any dtype. Source: ONNX {@code Expand}.
 *
 * @param to sizes; where one is 1 that of x stays
 */
public record Expand(List<Dim> to) implements Operator {
  /** Copies the list. */
  public Expand {
    to = List.copyOf(to);
  }

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    List<Dim> shape = Rules.broadcast(name(), x.shape(), to);
    return List.of(new Fact(x.dtype(), shape, contents(x, shape)));
  }

  private static @Nullable List<Dim> contents(Fact x, List<Dim> shape) {
    List<Dim> elements = x.contents();
    if (elements == null || shape.equals(x.shape())) {
      return elements;
    }
    boolean small =
        elements.size() == 1
            && shape.size() == 1
            && shape.getFirst().isKnown()
            && shape.getFirst().value() <= Fact.MOST_CONTENTS;
    return small ? Collections.nCopies((int) shape.getFirst().value(), elements.getFirst()) : null;
  }

  @Override
  public Operator bind(Map<String, Long> names) {
    return new Expand(to.stream().map(dim -> dim.bind(names)).toList());
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor y = outputs.getFirst();
    return Moves.copy(Moves.operand(inputs, 0).expand(y.shape().toArray()), y);
  }
}
