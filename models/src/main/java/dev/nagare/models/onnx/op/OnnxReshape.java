package dev.nagare.models.onnx.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.op.Reshape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code Reshape}, opset 5–20: the shape is an input whose elements must be known as sizes. -1 is
 * what is left over; 0 keeps a size, unless {@code allowzero} (opset 14) says otherwise.
 */
final class OnnxReshape implements OnnxOperator {
  @Override
  public String name() {
    return "Reshape";
  }

  @Override
  public void add(NodeReader node) {
    boolean zero = node.flag("allowzero", false);
    List<Dim> from = node.fact(0).shape();
    List<Dim> to = new ArrayList<>(node.sizes(1));
    int open = -1;
    for (int i = 0; i < to.size(); i++) {
      Dim size = to.get(i);
      if (size.is(-1)) {
        if (open >= 0) {
          throw node.refuse("shape " + node.sizes(1) + ": more than one -1");
        }
        open = i;
      } else if (size.is(0) && !zero) {
        if (i >= from.size()) {
          throw node.refuse("shape " + node.sizes(1) + " keeps axis " + i + " of " + from);
        }
        to.set(i, from.get(i));
      } else if (size.isKnown() && size.value() < 0) {
        throw node.refuse("shape " + node.sizes(1));
      }
    }
    if (open >= 0) {
      Dim left = left(from, to, open);
      if (left == null) {
        throw node.refuse("no size for -1 is seen that makes " + node.sizes(1) + " of " + from);
      }
      to.set(open, left);
    }
    node.emit(new Reshape(to), node.input(0));
  }

  /** What the sizes of one shape leave to an axis of another; null if they do not divide. */
  private static @Nullable Dim left(List<Dim> from, List<Dim> to, int open) {
    List<Dim> dividends = new ArrayList<>(from);
    Dim divisor = Dim.ONE;
    for (int i = 0; i < to.size(); i++) {
      if (i != open && !dividends.remove(to.get(i))) {
        divisor = divisor.times(to.get(i));
      }
    }
    Dim dividend = Dim.ONE;
    for (Dim dim : dividends) {
      dividend = dividend.times(dim);
    }
    if (divisor.is(0)) {
      return dividend.is(0) ? Dim.ZERO : null;
    }
    return dividend.exactDiv(divisor);
  }
}
