package dev.nagare.graph.op;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Pointwise;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = min(max(x, low), high)}, element by element; any shape, any dtype but BOOL. What is
 * not a number stays so. Source: ONNX {@code Clip}, whose bounds are infinite where they are
 * absent; of crossed bounds the upper one counts.
 *
 * @param low the least value
 * @param high the largest value
 */
public record Clip(double low, double high) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    return List.of(new Fact(x.dtype(), x.shape(), null));
  }

  private long clipped(long value) {
    long least = low <= Long.MIN_VALUE ? Long.MIN_VALUE : (long) low;
    long most = high >= Long.MAX_VALUE ? Long.MAX_VALUE : (long) high;
    return Math.min(Math.max(value, least), most);
  }

  @Override
  public Order order() {
    return Order.SAME;
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    int[] order = Layouts.order(outputs.getFirst());
    Tensor x = Steps.input(inputs, 0).permute(order);
    Tensor y = outputs.getFirst().permute(order);
    double least = Math.min(low, high);
    if (!Elementwise.isKernel(x.dtype())) {
      return ExactLoops.unaryLong(x, y, this::clipped);
    }
    Pointwise pointwise = kernels.pointwise();
    return () -> pointwise.clamp(least, high, x, y);
  }
}
