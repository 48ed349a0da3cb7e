package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Pooling;
import dev.nagare.tensor.kernel.Window;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The largest of what a window sees, in each channel; padding counts for nothing.
 *
 * <p>Input: x {@code [N, C, ..]} with as many spatial axes as the window has. Outputs: y {@code [N,
 * C, ..]} and, if asked for, I64 positions in all of x of what was taken, the first of equals.
 * Dtypes: F32, F64, U8. Source: ONNX {@code MaxPool}.
 *
 * @param window size, strides, dilations and padding
 * @param ceil whether the number of positions is rounded up
 * @param positions which positions are answered
 */
public record MaxPool(SlidingWindow window, boolean ceil, Positions positions) implements Operator {

  /** How positions in an image are counted. */
  public enum Positions {
    /** They are not asked for. */
    NONE,
    /** The last axis counts fastest. */
    ROW_MAJOR,
    /** Of the spatial axes the first counts fastest. */
    COLUMN_MAJOR
  }

  /** Without positions. */
  public MaxPool(SlidingWindow window, boolean ceil) {
    this(window, ceil, Positions.NONE);
  }

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    List<Dim> shape = window.out(name(), x, ceil);
    Fact y = Fact.of(x.dtype(), shape);
    return positions == Positions.NONE ? List.of(y) : List.of(y, Fact.of(DType.I64, shape));
  }

  @Override
  public Order order() {
    return Order.CHANNELS_LAST;
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Steps.input(inputs, 0);
    Tensor y = outputs.getFirst();
    Window fast = PoolSteps.kernel(window, x, y);
    if (fast == null || positions != Positions.NONE) {
      Tensor where = positions == Positions.NONE ? null : outputs.get(1);
      return PoolSteps.max(window, x, y, where, positions == Positions.COLUMN_MAJOR);
    }
    Tensor from = Layouts.channelsLast(name(), x);
    Tensor to = Layouts.channelsLast(name(), y);
    Pooling pooling = kernels.pooling();
    return () -> pooling.max(fast, from, to);
  }
}
