package dev.nagare.graph.op;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Elements by their positions along one axis: {@code y[i, j, k] = x[i, indices[i, j, k], k]} for
 * axis 1, and so on.
 *
 * <p>Inputs: x of any dtype; indices I64 or I32 of x's rank, along the other axes no longer than x;
 * a negative one counts from the end. Output: the shape of the indices. Source: ONNX {@code
 * GatherElements}.
 *
 * @param axis of x; a negative one counts from the last
 */
public record GatherElements(int axis) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    Fact indices = Rules.required(name(), inputs, 1);
    Moves.indices(name(), indices);
    ElementsAlong.check(name(), x, axis, indices);
    return List.of(Fact.of(x.dtype(), indices.shape()));
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Moves.operand(inputs, 0);
    Tensor indices = Moves.operand(inputs, 1);
    Tensor y = outputs.getFirst();
    var along = new ElementsAlong(name(), x, axis, indices);
    return () -> {
      for (long i = 0, n = indices.elements(); i < n; i++) {
        Moves.element(x, along.at(i), y, i);
      }
    };
  }
}
