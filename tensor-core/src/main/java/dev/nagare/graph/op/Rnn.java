package dev.nagare.graph.op;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A plain recurrence over whole sequences, {@code h' = f(x·w + h·r + b)}.
 *
 * <p>Inputs: x; w {@code [D, I, H]}, r {@code [D, H, H]} and b {@code [D, H]} or none, weights
 * input-major, which is what the kernels want: an importer brings them into it; lengths {@code [N]}
 * integers or none; h0 or none for zeros. Outputs: y and the last h. Past its end a row of y is 0.
 * Shapes of x, y and states: see {@link RecurrentSpec}. Dtypes: F32, F64. Source: Elman (1990);
 * ONNX {@code RNN}.
 *
 * @param spec sizes, direction, layout, activations
 */
public record Rnn(RecurrentSpec spec) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    return spec.infer(name(), inputs, 1, 1, 1, false);
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    return new RecurrentSteps(kernels, spec, inputs, outputs, scratch).rnn();
  }
}
