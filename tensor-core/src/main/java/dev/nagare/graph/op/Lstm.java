package dev.nagare.graph.op;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A long short-term memory over whole sequences:
 *
 * <pre>
 * i, f = σ(x·w + h·r + b + p ⊙ c)    g = tanh(x·w + h·r + b)    c' = f ⊙ c + i ⊙ g
 * o = σ(x·w + h·r + b + p ⊙ c')      h' = o ⊙ tanh(c')
 * </pre>
 *
 * <p>Inputs: x; w {@code [D, I, 4H]}, r {@code [D, H, 4H]} and b {@code [D, 4H]} or none, with
 * gates in the order i, f, g, o and weights input-major, which is what the kernels want: an
 * importer brings them into it; lengths {@code [N]} integers or none; h0 and c0 or none for zeros;
 * peepholes {@code [D, 3H]} in ONNX's order i, o, f or none. Outputs: y, the last h and the last c.
 * Past its end a row of y is 0. Shapes of x, y and states: see {@link RecurrentSpec}. Dtypes: F32,
 * F64. Source: Hochreiter and Schmidhuber (1997); ONNX {@code LSTM}.
 *
 * @param spec sizes, direction, layout, activations (gates, cell, hidden)
 * @param inputForget whether f is {@code 1 - i}
 */
public record Lstm(RecurrentSpec spec, boolean inputForget) implements Operator {

  /** Whether it has the usual gates: activations, no bound, a forget gate of its own. */
  public boolean isPlain() {
    return spec.isUsual(Activation.LSTM) && !inputForget;
  }

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    return spec.infer(name(), inputs, 4, 4, 3, true);
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    return new RecurrentSteps(kernels, spec, inputs, outputs, scratch).lstm(inputForget);
  }
}
