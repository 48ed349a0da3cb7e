package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Cast;
import dev.nagare.graph.op.Range;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;

/**
 * {@code Range}, opset 11–20. Whole numbers may depend on sizes; other numbers must be constant,
 * and the range is a constant, too.
 */
final class OnnxRange implements OnnxOperator {
  private static final long MOST = 1 << 16;

  @Override
  public String name() {
    return "Range";
  }

  @Override
  public int since() {
    return 11;
  }

  @Override
  public void add(NodeReader node) {
    DType dtype = node.fact(0).dtype();
    if (dtype.isFloating()) {
      node.define(0, node.newConstant(node.outputName(0), floats(node, dtype)));
      return;
    }
    var range = new Range(node.oneSize(0), node.oneSize(1), node.oneSize(2));
    if (dtype == DType.I64) {
      node.emit(range);
    } else {
      node.emit(new Cast(dtype), node.add(range));
    }
  }

  private static Tensor floats(NodeReader node, DType dtype) {
    double start = node.scalar(0, 0);
    double delta = node.scalar(2, 1);
    double count = Math.ceil((node.scalar(1, 0) - start) / delta);
    if (!(count <= MOST)) {
      throw node.refuse(count + " numbers from " + start + " in steps of " + delta);
    }
    long n = Math.max(0, (long) count);
    Tensor range = node.scope().memory().empty(dtype, Shape.of(n));
    for (long i = 0; i < n; i++) {
      range.set(i, start + i * delta);
    }
    return range;
  }
}
