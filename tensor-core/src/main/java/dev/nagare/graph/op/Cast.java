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
 * The same elements in another dtype: to an integer cut towards zero and held to its range, to BOOL
 * everything but 0 is 1. Source: ONNX {@code Cast}, which leaves open what does not fit.
 *
 * @param to dtype of the output
 */
public record Cast(DType to) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    return List.of(new Fact(to, x.shape(), contents(x.contents())));
  }

  private @Nullable List<Dim> contents(@Nullable List<Dim> elements) {
    if (elements == null || to.isFloating()) {
      return null;
    }
    List<Dim> cast = new ArrayList<>();
    for (Dim element : elements) {
      Dim one = element(element);
      if (one == null) {
        return null;
      }
      cast.add(one);
    }
    return cast;
  }

  private @Nullable Dim element(Dim element) {
    return switch (to) {
      case BOOL -> element.isKnown() ? Dim.of(element.is(0) ? 0 : 1) : null;
      case U8 -> element.isKnown() ? Dim.of(Math.clamp(element.value(), 0, 255)) : null;
      case I32 ->
          element.isKnown()
              ? Dim.of(Math.clamp(element.value(), Integer.MIN_VALUE, Integer.MAX_VALUE))
              : element; // a size of a tensor that fits memory
      default -> element;
    };
  }

  @Override
  public Order order() {
    return Order.SAME;
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Moves.operand(inputs, 0);
    Tensor y = outputs.getFirst();
    if (x.dtype() == to) {
      return Moves.copy(x, y);
    }
    return () -> y.convertFrom(x);
  }
}
