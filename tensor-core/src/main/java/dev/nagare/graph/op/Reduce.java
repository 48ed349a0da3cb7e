package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Sums, means and extremes over axes.
 *
 * <p>Dtypes: F32 and F64 by kernels, integers exactly. Source: ONNX {@code ReduceSum} and its
 * siblings; {@code GlobalAveragePool} is a mean over the spatial axes.
 *
 * @param kind what is computed
 * @param axes which axes; negative ones count from the last; none stands for all
 * @param keepDims whether they stay, with size 1
 */
public record Reduce(Kind kind, List<Integer> axes, boolean keepDims) implements Operator {
  /** Copies the list. */
  public Reduce {
    axes = List.copyOf(axes);
  }

  /** What is computed of the elements. */
  public enum Kind {
    /** Sum. */
    SUM,
    /** Mean. */
    MEAN,
    /** The largest. */
    MAX,
    /** The smallest. */
    MIN,
    /** Product. */
    PROD,
    /** Sum of the absolute values. */
    L1,
    /** Root of the sum of the squares. */
    L2,
    /** Sum of the squares. */
    SUM_SQUARE,
    /** Logarithm of the sum. */
    LOG_SUM,
    /** Logarithm of the sum of {@code e^x}. */
    LOG_SUM_EXP
  }

  @Override
  public String name() {
    return "reduce_" + kind.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    if (x.dtype() == DType.BOOL) {
      throw TensorException.mismatch(name() + ": expected numbers, got " + x);
    }
    if (kind == Kind.LOG_SUM_EXP) {
      Rules.floating(name(), x);
    }
    List<Integer> over = Rules.axes(name(), axes, x.rank());
    var shape = new ArrayList<Dim>();
    for (int i = 0; i < x.rank(); i++) {
      if (!over.contains(i)) {
        shape.add(x.dim(i));
      } else if (keepDims) {
        shape.add(Dim.ONE);
      }
    }
    return List.of(new Fact(x.dtype(), shape, contents(x)));
  }

  private @Nullable List<Dim> contents(Fact x) {
    if (x.rank() > 1 || x.contents() == null) {
      return null;
    }
    Dim all =
        switch (kind) {
          case SUM -> Contents.folded(x.contents(), Dim.ZERO, Dim::plus);
          case PROD -> Contents.folded(x.contents(), Dim.ONE, Dim::times);
          default -> x.contents().size() == 1 && keepsOne() ? x.contents().getFirst() : null;
        };
    return all == null ? null : List.of(all);
  }

  private boolean keepsOne() {
    return kind == Kind.MEAN || kind == Kind.MAX || kind == Kind.MIN;
  }

  /** Means over images: whatever else it is, a reduction sees its operand in row-major order. */
  @Override
  public Order order() {
    return axes.equals(List.of(2, 3)) ? Order.CHANNELS_LAST : Order.ROW_MAJOR;
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Steps.input(inputs, 0);
    long[] kept = x.shape().toArray();
    for (int axis : Rules.axes(name(), axes, kept.length)) {
      kept[axis] = 1;
    }
    return ReduceSteps.prepare(kernels, kind, x, outputs.getFirst().reshape(kept), scratch);
  }
}
