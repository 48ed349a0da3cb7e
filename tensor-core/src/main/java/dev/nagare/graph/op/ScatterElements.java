package dev.nagare.graph.op;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.StridedCopy;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * x with elements replaced: {@code y[i, indices[i, j, k], k] = updates[i, j, k]} for axis 1, and so
 * on.
 *
 * <p>Inputs: x of any dtype; indices as of {@link GatherElements}; updates of their shape and x's
 * dtype. Where an index comes twice, the later one counts last. Source: ONNX {@code
 * ScatterElements}, {@code Scatter}.
 *
 * @param axis of x; a negative one counts from the last
 * @param combine what becomes of what was there
 */
public record ScatterElements(int axis, Combine combine) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    Fact indices = Rules.required(name(), inputs, 1);
    Fact updates = Rules.required(name(), inputs, 2);
    Moves.indices(name(), indices);
    ElementsAlong.check(name(), x, axis, indices);
    Rules.sameDtype(name(), x, updates);
    Rules.rank(name(), indices.rank(), updates);
    for (int i = 0; i < indices.rank(); i++) {
      if (Rules.differ(indices.dim(i), updates.dim(i))) {
        throw TensorException.mismatch(
            name() + ": updates " + updates.shape() + " for indices " + indices.shape());
      }
    }
    return List.of(Fact.of(x.dtype(), x.shape()));
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Moves.operand(inputs, 0);
    Tensor indices = Moves.operand(inputs, 1);
    Tensor updates = Moves.operand(inputs, 2);
    Tensor y = outputs.getFirst();
    StridedCopy copy = StridedCopy.between(x, y);
    var along = new ElementsAlong(name(), y, axis, indices);
    return () -> {
      copy.run();
      for (long i = 0, n = indices.elements(); i < n; i++) {
        combine.apply(updates, i, y, along.at(i));
      }
    };
  }
}
