package dev.nagare.graph.op;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = x > 0 ? x : alpha · (e^x - 1)}, element by element; any shape, floating point. Source:
 * ONNX {@code Elu}.
 *
 * @param alpha the value that is left far below 0, negated
 */
public record Elu(double alpha) implements Operator {

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
    return ExactLoops.unary(x, y, (value) -> value > 0 ? value : alpha * StrictMath.expm1(value));
  }
}
