package dev.nagare.models.onnx.op;

import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Clip;

/**
 * {@code Clip}, opset 6–20: the bounds are attributes, since opset 11 inputs. Bounds that are not
 * constant make it a maximum and a minimum.
 */
final class OnnxClip implements OnnxOperator {
  @Override
  public String name() {
    return "Clip";
  }

  @Override
  public void add(NodeReader node) {
    double low = Double.NEGATIVE_INFINITY;
    double high = Double.POSITIVE_INFINITY;
    if (node.opset() < 11) {
      low = node.number("min", low);
      high = node.number("max", high);
    } else if (isConstant(node, 1) && isConstant(node, 2)) {
      low = node.scalar(1, low);
      high = node.scalar(2, high);
    } else {
      betweenValues(node);
      return;
    }
    node.emit(new Clip(low, high), node.input(0));
  }

  private static boolean isConstant(NodeReader node, int input) {
    return !node.has(input) || node.constant(input) != null;
  }

  private static void betweenValues(NodeReader node) {
    Value x = node.input(0);
    Value low = node.optional(1);
    Value high = node.optional(2);
    if (low != null && high != null) {
      x = node.add(new Binary(Binary.Function.MAX), x, low);
    } else if (low != null) {
      node.emit(new Binary(Binary.Function.MAX), x, low);
      return;
    }
    node.emit(new Binary(Binary.Function.MIN), x, node.input(2));
  }
}
