package dev.nagare.graph.op;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code y = x}, any shape and dtype. A pass removes it. Source: ONNX {@code Identity}. */
public record Identity() implements Operator {
  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    return List.of(Rules.required(name(), inputs, 0));
  }

  @Override
  public Order order() {
    return Order.SAME;
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    return Moves.copy(Moves.operand(inputs, 0), outputs.getFirst());
  }
}
