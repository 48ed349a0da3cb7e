package dev.nagare.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One operator at work in a graph: which values it reads and which it makes.
 *
 * <p>Belongs to one {@link Graph}, which alone changes it.
 */
public final class Node {
  private final String name;
  private final Operator operator;
  final List<@Nullable Value> inputs;
  final List<Value> outputs;

  Node(String name, Operator operator, List<@Nullable Value> inputs, List<Value> outputs) {
    this.name = name;
    this.operator = operator;
    this.inputs = new ArrayList<>(inputs);
    this.outputs = new ArrayList<>(outputs);
  }

  /** Unique in its graph; for errors and drawings. */
  public String name() {
    return name;
  }

  /** What is computed. */
  public Operator operator() {
    return operator;
  }

  /** Values read, in the operator's order; an optional one that is absent is null. */
  public List<@Nullable Value> inputs() {
    return Collections.unmodifiableList(inputs);
  }

  /**
   * A value read.
   *
   * @throws IllegalArgumentException if it is absent
   */
  public Value input(int index) {
    Value value = index < inputs.size() ? inputs.get(index) : null;
    if (value == null) {
      throw new IllegalArgumentException(name + ": no input " + index);
    }
    return value;
  }

  /** A value read, or null if it is absent. */
  public @Nullable Value optional(int index) {
    return index < inputs.size() ? inputs.get(index) : null;
  }

  /** Values made. */
  public List<Value> outputs() {
    return Collections.unmodifiableList(outputs);
  }

  /** The first value made. */
  public Value output() {
    return outputs.getFirst();
  }

  @Override
  public String toString() {
    return name + " = " + operator;
  }
}
