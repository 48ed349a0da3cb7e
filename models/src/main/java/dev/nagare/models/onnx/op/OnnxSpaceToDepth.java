package dev.nagare.models.onnx.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Transpose;
import java.util.List;

/**
 * {@code SpaceToDepth}, opset 1–20: squares of {@code [N, C, H·b, W·b]} become channels of {@code
 * [N, b·b·C, H, W]}.
 */
final class OnnxSpaceToDepth implements OnnxOperator {
  @Override
  public String name() {
    return "SpaceToDepth";
  }

  @Override
  public void add(NodeReader node) {
    Fact x = node.fact(0);
    Dim block = Dim.of(node.integer("blocksize"));
    boolean fits = x.rank() == 4 && block.value() > 0;
    Dim h = fits ? x.dim(2).exactDiv(block) : null;
    Dim w = fits ? x.dim(3).exactDiv(block) : null;
    if (h == null || w == null) {
      throw node.refuse("blocks of " + block + " in " + x.shape());
    }
    Dim n = x.dim(0);
    Dim c = x.dim(1);
    Value parts = node.add(new Reshape(List.of(n, c, h, block, w, block)), node.input(0));
    Value moved = node.add(new Transpose(List.of(0, 3, 5, 1, 2, 4)), parts);
    node.emit(new Reshape(List.of(n, c.times(block).times(block), h, w)), moved);
  }
}
