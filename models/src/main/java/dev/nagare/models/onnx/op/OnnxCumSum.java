package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.CumSum;
import java.util.List;

/** {@code CumSum}, opset 11–20, along an axis that must be known before the model runs. */
final class OnnxCumSum implements OnnxOperator {
  @Override
  public String name() {
    return "CumSum";
  }

  @Override
  public int since() {
    return 11;
  }

  @Override
  public void add(NodeReader node) {
    List<Long> axis = node.integersOf(1);
    if (axis.size() != 1) {
      throw node.refuse("axis " + axis + ", expected one number");
    }
    boolean exclusive = node.flag("exclusive", false);
    boolean reverse = node.flag("reverse", false);
    node.emit(new CumSum(node.axis(axis.getFirst(), "axis"), exclusive, reverse), node.input(0));
  }
}
