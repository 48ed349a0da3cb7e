package dev.nagare.models.onnx.op;

import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.MatMul;
import java.util.Objects;

/**
 * {@code Gemm}, opset 7–20: {@code alpha · op(A) · op(B) + beta · C}, as a product and what is done
 * with it. C broadcasts; since opset 11 it may be absent.
 */
final class OnnxGemm implements OnnxOperator {
  @Override
  public String name() {
    return "Gemm";
  }

  @Override
  public void add(NodeReader node) {
    double alpha = node.number("alpha", 1);
    double beta = node.number("beta", 1);
    var product = new MatMul(node.flag("transA", false), node.flag("transB", false));
    for (int i = 0; i < 2; i++) {
      if (node.fact(i).rank() != 2) {
        throw node.refuse("input " + i + " " + node.fact(i) + ", expected a matrix");
      }
    }
    Value c = node.optional(2);
    boolean adds = c != null && beta != 0;
    if (alpha == 1 && !adds) {
      node.emit(product, node.input(0), node.input(1));
      return;
    }
    Value y = node.add(product, node.input(0), node.input(1));
    if (!adds) {
      node.emit(new Binary(Binary.Function.MUL), y, Constants.like(node, y, alpha));
      return;
    }
    Value term = Objects.requireNonNull(c);
    node.emit(new Binary(Binary.Function.ADD), scaled(node, y, alpha), scaled(node, term, beta));
  }

  private static Value scaled(NodeReader node, Value value, double by) {
    return by == 1
        ? value
        : node.add(new Binary(Binary.Function.MUL), value, Constants.like(node, value, by));
  }
}
