package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A tensor of one value. Source: ONNX {@code ConstantOfShape}.
 *
 * @param shape its shape
 * @param dtype its element type
 * @param value of every element
 */
public record ConstantOfShape(List<Dim> shape, DType dtype, double value) implements Operator {
  /** Copies the list. */
  public ConstantOfShape {
    shape = List.copyOf(shape);
  }

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    for (Dim dim : shape) {
      if (dim.isKnown() && dim.value() < 0) {
        throw TensorException.mismatch("constantOfShape: " + shape);
      }
    }
    Dim elements = Fact.of(dtype, shape).elements();
    boolean small =
        !dtype.isFloating()
            && shape.size() <= 1
            && elements.isKnown()
            && elements.value() <= Fact.MOST_CONTENTS;
    List<Dim> contents =
        small ? Collections.nCopies((int) elements.value(), Dim.of((long) value)) : null;
    return List.of(new Fact(dtype, shape, contents));
  }

  @Override
  public Operator bind(Map<String, Long> names) {
    return new ConstantOfShape(shape.stream().map(dim -> dim.bind(names)).toList(), dtype, value);
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor y = outputs.getFirst();
    return () -> Moves.fill(y, value);
  }
}
