package dev.nagare.graph.op;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How many elements x has, an I64 scalar; its content is known. Source: ONNX {@code Size}. */
public record Size() implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    return List.of(new Fact(DType.I64, List.of(), List.of(x.elements())));
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Moves.operand(inputs, 0);
    Tensor y = outputs.getFirst();
    return () -> y.setLong(0, x.elements());
  }
}
