package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = condition ? a : b}, element by element, with broadcasting.
 *
 * <p>Inputs: condition BOOL; a and b of one dtype, any. Source: ONNX {@code Where}.
 */
public record Where() implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact condition = Rules.of(name(), DType.BOOL, Rules.required(name(), inputs, 0));
    Fact a = Rules.required(name(), inputs, 1);
    Fact b = Rules.required(name(), inputs, 2);
    Rules.sameDtype(name(), a, b);
    List<Dim> shape = Rules.broadcast(name(), condition.shape(), Rules.broadcast(name(), a, b));
    return List.of(new Fact(a.dtype(), shape, contents(condition, a, b)));
  }

  private static @Nullable List<Dim> contents(Fact condition, Fact a, Fact b) {
    List<Dim> which = condition.contents();
    List<Dim> left = a.contents();
    List<Dim> right = b.contents();
    int rank = Math.max(condition.rank(), Math.max(a.rank(), b.rank()));
    if (which == null || left == null || right == null || rank > 1) {
      return null;
    }
    int size = Contents.together(which.size(), Contents.together(left.size(), right.size()));
    var result = new ArrayList<Dim>();
    for (int i = 0; i < size; i++) {
      Dim choice = Contents.at(which, i);
      if (!choice.isKnown()) {
        return null;
      }
      result.add(Contents.at(choice.is(0) ? right : left, i));
    }
    return result;
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    return Elementwise.where(
        kernels,
        Steps.input(inputs, 0),
        Steps.input(inputs, 1),
        Steps.input(inputs, 2),
        outputs.getFirst());
  }
}
