package dev.nagare.graph.op;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Pointwise;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Normalisation of each element by its neighbours in the channels:
 *
 * <pre>
 * y[n, c, ..] = x[n, c, ..] / (bias + alpha / size · Σ_i x[n, i, ..]²)^beta
 * </pre>
 *
 * <p>with i from {@code c - ⌊(size - 1) / 2⌋} to {@code c + ⌈(size - 1) / 2⌉}, as far as there are
 * channels. Input: x {@code [N, C, ..]}, F32 or F64. Source: Krizhevsky et al. (2012); ONNX {@code
 * LRN}.
 *
 * @param size how many channels count
 * @param alpha weight of the neighbours
 * @param beta exponent
 * @param bias what is added
 */
public record LocalResponseNorm(int size, double alpha, double beta, double bias)
    implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.floating(name(), Rules.required(name(), inputs, 0));
    if (x.rank() < 2 || size < 1) {
      throw TensorException.mismatch(
          name() + ": size " + size + " on " + x + ", expected [N, C, ..] and 1 or more");
    }
    return List.of(Fact.of(x.dtype(), x.shape()));
  }

  @Override
  public Order order() {
    return Order.CHANNELS_LAST;
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    int[] order = Layouts.order(outputs.getFirst());
    Tensor x = Steps.input(inputs, 0).permute(order);
    Tensor y = outputs.getFirst().permute(order);
    int channels = 0;
    while (order[channels] != 1) {
      channels++;
    }
    Tensor squares = scratch.empty(x.dtype(), x.shape());
    Tensor sums = scratch.empty(x.dtype(), x.shape());
    Tensor number = Steps.scalar(scratch, x.dtype());
    Tensor powers = scratch.empty(x.dtype(), x.shape());
    var steps = new ArrayList<Step>();
    steps.add(() -> kernels.unary(Kernels.Unary.SQUARE, x, squares));
    steps.add(sums::zero);
    long all = x.dim(channels);
    for (int by = -((size - 1) / 2); by <= size / 2; by++) {
      long count = all - Math.abs(by);
      if (count > 0) {
        Tensor from = squares.narrow(channels, Math.max(0, by), count);
        Tensor to = sums.narrow(channels, Math.max(0, -by), count);
        steps.add(() -> kernels.reductions().addSum(alpha / size, from, to));
      }
    }
    Pointwise pointwise = kernels.pointwise();
    steps.add(
        () -> {
          number.set(0, bias);
          pointwise.binary(Pointwise.Function.ADD, sums, number, squares);
          number.set(0, beta);
          pointwise.binary(Pointwise.Function.POW, squares, number, powers);
          pointwise.binary(Pointwise.Function.DIV, x, powers, y);
        });
    return Steps.sequence(steps);
  }
}
