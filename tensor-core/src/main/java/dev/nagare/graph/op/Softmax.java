package dev.nagare.graph.op;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = e^x / Σ e^x}, with the sum along one axis; any shape but a scalar, F32 or F64. Source:
 * ONNX {@code Softmax} from opset 13 on.
 *
 * @param axis along which is summed; a negative one counts from the last
 */
public record Softmax(int axis) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.floating(name(), Rules.required(name(), inputs, 0));
    Rules.axis(name(), axis, x.rank());
    return List.of(Fact.of(x.dtype(), x.shape()));
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Steps.input(inputs, 0);
    Tensor y = outputs.getFirst();
    int at = Rules.axis(name(), axis, x.shape().rank());
    return SoftmaxSteps.softmax(kernels, x, at, y, scratch);
  }
}
