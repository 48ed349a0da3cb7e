package dev.nagare.graph.op;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A gated recurrent unit over whole sequences:
 *
 * <pre>
 * r, z = σ(x·w + h·r + bw + br)                     h' = (1 - z) ⊙ n + z ⊙ h
 * n = tanh(x·w + bw + r ⊙ (h·r + br))               with linearBeforeReset
 * n = tanh(x·w + bw + (r ⊙ h)·r + br)               without
 * </pre>
 *
 * <p>Inputs: x; w {@code [D, I, 3H]}, r {@code [D, H, 3H]} and b {@code [D, 6H]} or none (bw, then
 * br), with gates in the order r, z, n and weights input-major, which is what the kernels want: an
 * importer brings them into it; lengths {@code [N]} integers or none; h0 or none for zeros.
 * Outputs: y and the last h. Past its end a row of y is 0. Shapes of x, y and states: see {@link
 * RecurrentSpec}. Dtypes: F32, F64. Source: Cho et al. (2014); ONNX {@code GRU}.
 *
 * @param spec sizes, direction, layout, activations (gates, hidden)
 * @param linearBeforeReset which of the two forms; PyTorch's is the first
 */
public record Gru(RecurrentSpec spec, boolean linearBeforeReset) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    return spec.infer(name(), inputs, 3, 6, 2, false);
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    return new RecurrentSteps(kernels, spec, inputs, outputs, scratch).gru(linearBeforeReset);
  }
}
