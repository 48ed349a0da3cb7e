package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.MaxPool;
import dev.nagare.graph.op.SlidingWindow;

/**
 * {@code MaxPool}, opset 1–20: since opset 8 with positions, since opset 10 with dilations and
 * rounding up.
 */
final class OnnxMaxPool implements OnnxOperator {
  @Override
  public String name() {
    return "MaxPool";
  }

  @Override
  public void add(NodeReader node) {
    SlidingWindow window = Spatial.window(node, node.requiredIntegers("kernel_shape"));
    boolean ceil = node.flag("ceil_mode", false);
    boolean columns = node.flag("storage_order", false);
    MaxPool.Positions positions =
        !node.wants(1)
            ? MaxPool.Positions.NONE
            : columns ? MaxPool.Positions.COLUMN_MAJOR : MaxPool.Positions.ROW_MAJOR;
    node.emit(new MaxPool(window, ceil, positions), node.input(0));
  }
}
