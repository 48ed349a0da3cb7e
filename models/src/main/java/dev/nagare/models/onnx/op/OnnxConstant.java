package dev.nagare.models.onnx.op;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.List;

/**
 * {@code Constant}, opset 1–20: a tensor, or since opset 12 a number or a list of numbers. Strings
 * and sparse tensors are not supported.
 */
final class OnnxConstant implements OnnxOperator {
  @Override
  public String name() {
    return "Constant";
  }

  @Override
  public void add(NodeReader node) {
    node.define(0, node.newConstant(node.outputName(0), tensor(node)));
  }

  private static Tensor tensor(NodeReader node) {
    Tensor tensor = node.tensor("value");
    if (tensor != null) {
      return tensor;
    }
    var memory = node.scope().memory();
    List<Float> floats = node.numbers("value_floats");
    if (floats != null) {
      return filled(memory.empty(DType.F32, Shape.of(floats.size())), floats);
    }
    List<Long> integers = node.integers("value_ints");
    if (integers != null) {
      return filled(memory.empty(DType.I64, Shape.of(integers.size())), integers);
    }
    var scalar = Shape.of();
    if (node.hasAttribute("value_float")) {
      double value = node.number("value_float", 0);
      return filled(memory.empty(DType.F32, scalar), List.of(value));
    }
    if (node.hasAttribute("value_int")) {
      return filled(memory.empty(DType.I64, scalar), List.of(node.integer("value_int")));
    }
    throw node.refuse("expected a tensor or numbers, got " + node.unread());
  }

  private static Tensor filled(Tensor tensor, List<? extends Number> values) {
    for (int i = 0; i < values.size(); i++) {
      if (tensor.dtype() == DType.I64) {
        tensor.setLong(i, values.get(i).longValue());
      } else {
        tensor.set(i, values.get(i).doubleValue());
      }
    }
    return tensor;
  }
}
