package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The axes in another order: axis i of the output is axis {@code axes[i]} of x. Any dtype. Source:
 * ONNX {@code Transpose}.
 *
 * @param axes each axis of x once, counted from the first
 */
public record Transpose(List<Integer> axes) implements Operator {
  /** Copies the list. */
  public Transpose {
    axes = List.copyOf(axes);
  }

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    List<Integer> every = IntStream.range(0, x.rank()).boxed().toList();
    if (!axes.stream().sorted().toList().equals(every)) {
      throw TensorException.mismatch(
          name() + ": expected each axis of " + x.shape() + " once, got " + axes);
    }
    List<Dim> shape = new ArrayList<>();
    axes.forEach(axis -> shape.add(x.dim(axis)));
    return List.of(new Fact(x.dtype(), shape, x.rank() < 2 ? x.contents() : null));
  }

  @Override
  public Order order() {
    return Order.ANY;
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    int[] order = axes.stream().mapToInt(Integer::intValue).toArray();
    return Moves.copy(Moves.operand(inputs, 0).permute(order), outputs.getFirst());
  }
}
