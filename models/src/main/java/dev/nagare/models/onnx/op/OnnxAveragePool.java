package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.AveragePool;
import dev.nagare.graph.op.SlidingWindow;

/**
 * {@code AveragePool}, opset 7–20: since opset 10 with rounding up, since opset 19 with dilations.
 */
final class OnnxAveragePool implements OnnxOperator {
  @Override
  public String name() {
    return "AveragePool";
  }

  @Override
  public void add(NodeReader node) {
    SlidingWindow window = Spatial.window(node, node.requiredIntegers("kernel_shape"));
    boolean include = node.flag("count_include_pad", false);
    boolean ceil = node.flag("ceil_mode", false);
    node.emit(new AveragePool(window, include, ceil), node.input(0));
  }
}
