package dev.nagare.graph.op;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Pooling;
import dev.nagare.tensor.kernel.Window;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The mean of what a window sees, in each channel.
 *
 * <p>Input: x {@code [N, C, ..]} with as many spatial axes as the window has; output {@code [N, C,
 * ..]}. Dtypes: F32, F64. Source: ONNX {@code AveragePool}.
 *
 * @param window size, strides, dilations and padding
 * @param countIncludePad whether padding counts as zeros, or not at all
 * @param ceil whether the number of positions is rounded up; what a window then sees beyond the
 *     padding does not count
 */
public record AveragePool(SlidingWindow window, boolean countIncludePad, boolean ceil)
    implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.floating(name(), Rules.required(name(), inputs, 0));
    return List.of(Fact.of(x.dtype(), window.out(name(), x, ceil)));
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
    boolean beyond =
        fast != null
            && countIncludePad
            && (fast.right() > window.after().getLast()
                || fast.bottom() > window.after().getFirst());
    if (fast == null || beyond || fast.dilationH() != 1 || fast.dilationW() != 1) {
      return PoolSteps.average(window, countIncludePad, x, y);
    }
    Tensor from = Layouts.channelsLast(name(), x);
    Tensor to = Layouts.channelsLast(name(), y);
    Pooling pooling = kernels.pooling();
    return () -> pooling.average(fast, countIncludePad, from, to);
  }
}
