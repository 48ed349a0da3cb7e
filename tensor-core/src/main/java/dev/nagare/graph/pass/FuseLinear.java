package dev.nagare.graph.pass;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Linear;
import dev.nagare.graph.op.MatMul;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes a product with a constant matrix a linear node, whose weight can be packed once. */
public final class FuseLinear extends Rewriting {

  @Override
  protected @Nullable Value rewrite(Graph graph, Node node) {
    if (!(node.operator() instanceof MatMul product) || product.transposeA()) {
      return null;
    }
    Value x = node.input(0);
    Value weight = node.input(1);
    boolean fits =
        weight.isConstant()
            && weight.fact().rank() == 2
            && weight.fact().dtype().isFloating()
            && x.fact().rank() >= 2;
    return fits
        ? graph.addBefore(node, new Linear(product.transposeB(), List.of()), x, weight, null)
        : null;
  }
}
