package dev.nagare.autograd;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Operator;
import dev.nagare.graph.Value;
import dev.nagare.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The graph that a {@link Trace} makes, as an operator sees it that adds itself. */
public interface Tracing {

  /** The graph's value for an operand. */
  default Value value(Variable operand) {
    return value(operand.value());
  }

  /** The graph's value for a tensor: an input, a result, or else a constant. */
  Value value(Tensor tensor);

  /** The graph's value for a state, or null if it is zeros that were made for the occasion. */
  @Nullable Value state(Variable operand);

  /** The shape of the operator's result, in named sizes. */
  List<Dim> shape();

  /** Adds a graph's operator and answers what it makes first. */
  Value add(Operator operator, @Nullable Value... inputs);
}
