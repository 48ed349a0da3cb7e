package dev.nagare.autograd;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Operator;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Activation;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Concat;
import dev.nagare.graph.op.RecurrentSpec;
import dev.nagare.graph.op.Reshape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one recurrent layer in one direction adds itself to a graph, whose layers have an axis of
 * directions: in parameters the first, in states and results the one before the last.
 *
 * @param into the graph
 * @param x the layer's input, {@code [N, T, I]}
 */
record TracedRecurrence(Tracing into, Value x) {

  /** What the graph's layer is like. */
  static RecurrentSpec spec(long hidden, List<Activation> activations) {
    return new RecurrentSpec(hidden, RecurrentSpec.Direction.FORWARD, true, 0, activations);
  }

  /** A parameter of the one direction. */
  Value parameter(Variable parameter) {
    return oneDirection(into.value(parameter));
  }

  /** Two biases that are added to the same. */
  Value sum(Variable one, Variable other) {
    return oneDirection(
        into.add(new Binary(Binary.Function.ADD), into.value(one), into.value(other)));
  }

  /** Two biases, one after the other. */
  Value both(Variable one, Variable other) {
    return oneDirection(into.add(new Concat(0), into.value(one), into.value(other)));
  }

  private Value oneDirection(Value value) {
    var shape = new ArrayList<>(List.of(Dim.ONE));
    shape.addAll(value.fact().shape());
    return into.add(new Reshape(shape), value);
  }

  /** A state to begin with; null for zeros. */
  @Nullable Value state(Variable operand) {
    Value state = into.state(operand);
    return state == null
        ? null
        : into.add(new Reshape(List.of(x.fact().dim(0), Dim.ONE, state.fact().dim(1))), state);
  }

  /** Adds the layer and answers its hidden states, {@code [N, T, H]}. */
  Value hidden(Operator layer, @Nullable Value... operands) {
    return into.add(new Reshape(into.shape()), into.add(layer, operands));
  }
}
