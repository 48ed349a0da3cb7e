package dev.nagare.models.onnx.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Transpose;
import java.util.List;

/**
 * {@code DepthToSpace}, opset 1–20: channels of {@code [N, C·b·b, H, W]} become squares of {@code
 * [N, C, H·b, W·b]}; the channels are {@code [b, b, C]} in mode DCR, {@code [C, b, b]} in mode CRD
 * (opset 11).
 */
final class OnnxDepthToSpace implements OnnxOperator {
  @Override
  public String name() {
    return "DepthToSpace";
  }

  @Override
  public void add(NodeReader node) {
    Fact x = node.fact(0);
    Dim block = Dim.of(node.integer("blocksize"));
    String mode = node.text("mode", "DCR");
    boolean crd = mode.equals("CRD");
    Dim channels =
        x.rank() == 4 && block.value() > 0 ? x.dim(1).exactDiv(block.times(block)) : null;
    if (channels == null || (!crd && !mode.equals("DCR"))) {
      throw node.refuse("blocks of " + block + " from " + x.shape() + " in mode " + mode);
    }
    Dim n = x.dim(0);
    Dim h = x.dim(2);
    Dim w = x.dim(3);
    List<Dim> split =
        crd ? List.of(n, channels, block, block, h, w) : List.of(n, block, block, channels, h, w);
    List<Integer> order = crd ? List.of(0, 1, 4, 2, 5, 3) : List.of(0, 3, 4, 1, 5, 2);
    Value parts = node.add(new Reshape(split), node.input(0));
    Value moved = node.add(new Transpose(order), parts);
    node.emit(new Reshape(List.of(n, channels, h.times(block), w.times(block))), moved);
  }
}
