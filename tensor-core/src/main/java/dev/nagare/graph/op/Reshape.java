package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The same elements, in row-major order, in another shape. Any dtype. In a plan it is a view.
 * Source: ONNX {@code Reshape}, {@code Flatten}, {@code Squeeze}, {@code Unsqueeze}.
 *
 * @param to the shape
 */
public record Reshape(List<Dim> to) implements Operator {
  /** Copies the list. */
  public Reshape {
    to = List.copyOf(to);
  }

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    Fact y = new Fact(x.dtype(), to, x.contents());
    if (Rules.differ(x.elements(), y.elements())) {
      throw TensorException.mismatch(
          "reshape: "
              + x.shape()
              + " has "
              + x.elements()
              + " elements, "
              + to
              + " has "
              + y.elements());
    }
    return List.of(y);
  }

  @Override
  public Operator bind(Map<String, Long> names) {
    return new Reshape(to.stream().map(dim -> dim.bind(names)).toList());
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor y = outputs.getFirst();
    return Moves.copy(Moves.operand(inputs, 0).reshape(y.shape().toArray()), y);
  }
}
