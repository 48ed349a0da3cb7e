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
 * {@code y = min(max(alpha · x + beta, 0), 1)}, element by element; any shape, floating point.
 * Source: ONNX {@code HardSigmoid}.
 *
 * @param alpha the slope
 * @param beta the value at 0
 */
public record HardSigmoid(double alpha, double beta) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.floating(name(), Rules.required(name(), inputs, 0));
    return List.of(Fact.of(x.dtype(), x.shape()));
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
    Pointwise pointwise = kernels.pointwise();
    return () -> {
      pointwise.linear(alpha, beta, x, y);
      pointwise.clamp(0, 1, y, y);
    };
  }
}
