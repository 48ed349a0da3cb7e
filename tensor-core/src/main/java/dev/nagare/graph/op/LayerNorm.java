package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Layer normalisation over the axes from one to the last:
 *
 * <pre>
 * y = (x - mean) / √(variance + ε) · scale + bias
 * </pre>
 *
 * <p>Inputs: x; scale and bias, each of which may be absent and broadcasts to the axes that are
 * normalised. Dtypes: F32, F64. Source: Ba et al. (2016); ONNX {@code LayerNormalization}.
 *
 * @param axis the first axis that is normalised; a negative one counts from the last
 * @param epsilon added to the variance
 */
public record LayerNorm(int axis, double epsilon) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.floating(name(), Rules.required(name(), inputs, 0));
    int first = Rules.axis(name(), axis, x.rank());
    List<Dim> normal = x.shape().subList(first, x.rank());
    for (int i = 1; i < 3; i++) {
      Fact parameter = Rules.optional(inputs, i);
      if (parameter != null) {
        Rules.sameDtype(name(), x, parameter);
        if (!Rules.broadcast(name(), normal, parameter.shape()).equals(normal)) {
          throw TensorException.mismatch(
              name() + ": parameter " + parameter + " does not broadcast to " + normal);
        }
      }
    }
    return List.of(Fact.of(x.dtype(), x.shape()));
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Steps.input(inputs, 0);
    int first = Rules.axis(name(), axis, x.shape().rank());
    long[] dims = x.shape().toArray();
    Shape normalised = Shape.of(Arrays.copyOfRange(dims, first, dims.length));
    long n = normalised.elements();
    var steps = new ArrayList<Step>();
    Tensor gamma = parameter(Steps.optional(inputs, 1), 1, x, normalised, scratch, steps);
    Tensor beta = parameter(Steps.optional(inputs, 2), 0, x, normalised, scratch, steps);
    Tensor rows = x.reshape(x.elements() / n, n);
    Tensor out = outputs.getFirst().reshape(x.elements() / n, n);
    Tensor normal = scratch.empty(x.dtype(), rows.shape());
    Tensor rstd = scratch.empty(x.dtype(), Shape.of(x.elements() / n));
    var kernel = kernels.layerNorm();
    steps.add(() -> kernel.forward(rows, gamma, beta, epsilon, out, normal, rstd));
    return Steps.sequence(steps);
  }

  private static Tensor parameter(
      @Nullable Tensor given,
      double otherwise,
      Tensor x,
      Shape normalised,
      Memory scratch,
      List<Step> steps) {
    if (given == null) {
      Tensor constant = scratch.empty(x.dtype(), Shape.of(normalised.elements()));
      steps.add(() -> constant.fill(otherwise));
      return constant;
    }
    Tensor full = given.expand(normalised.toArray());
    return Steps.contiguous(full, scratch, steps).reshape(normalised.elements());
  }
}
