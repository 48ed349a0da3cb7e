package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows that have one value at the position that an index names, and another elsewhere.
 *
 * <p>Inputs: indices of any dtype, cut to whole numbers, a negative one counts from the end, one
 * that is no position marks none; values {@code [2]}: the value elsewhere and the one at the index.
 * Output: the indices' shape with an axis of size depth put in, dtype of the values. Source: ONNX
 * {@code OneHot}.
 *
 * @param depth number of positions
 * @param axis where the new axis is in the output; a negative one counts from the last
 */
public record OneHot(Dim depth, int axis) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact indices = Rules.required(name(), inputs, 0);
    Fact values = Rules.required(name(), inputs, 1);
    if (values.rank() != 1 || Rules.differ(values.dim(0), Dim.of(2))) {
      throw TensorException.mismatch("oneHot: values " + values + ", expected [2]");
    }
    if (depth.isKnown() && depth.value() < 0) {
      throw TensorException.mismatch("oneHot: depth " + depth);
    }
    List<Dim> shape = new ArrayList<>(indices.shape());
    shape.add(Rules.axis(name(), axis, indices.rank() + 1), depth);
    return List.of(Fact.of(values.dtype(), shape));
  }

  @Override
  public Operator bind(Map<String, Long> names) {
    return new OneHot(depth.bind(names), axis);
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor indices = Moves.operand(inputs, 0);
    Tensor values = Moves.operand(inputs, 1);
    Tensor y = outputs.getFirst();
    int at = Rules.axis(name(), axis, y.shape().rank());
    long size = y.dim(at);
    long inner = Moves.product(y, at + 1, y.shape().rank());
    return () -> {
      for (long i = 0, n = y.elements(); i < n; i++) {
        Moves.element(values, 0, y, i);
      }
      for (long i = 0, n = indices.elements(); i < n; i++) {
        long index = indices.getLong(i);
        long chosen = index < 0 ? index + size : index;
        if (chosen >= 0 && chosen < size) {
          Moves.element(values, 1, y, (i / inner * size + chosen) * inner + i % inner);
        }
      }
    };
  }
}
