package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Tile;

/** {@code Tile}, opset 6–20: how often is an input, which must be known as sizes. */
final class OnnxTile implements OnnxOperator {
  @Override
  public String name() {
    return "Tile";
  }

  @Override
  public void add(NodeReader node) {
    node.emit(new Tile(node.sizes(1)), node.input(0));
  }
}
