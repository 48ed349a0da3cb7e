package dev.nagare.graph;

import dev.nagare.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One tensor of a graph: an input, a constant, or what a node makes.
 *
 * <p>A constant that is a float is a parameter of the model: it goes by its name, and another
 * version may have other elements. Belongs to one {@link Graph}, which alone changes it.
 */
public final class Value {
  private final String name;
  private final @Nullable Tensor constant;
  private final Graph graph;

  /** The nodes that read it, one that reads it twice named twice. */
  final List<Node> readers = new ArrayList<>();

  Fact fact;
  @Nullable Node producer;

  Value(Graph graph, String name, Fact fact, @Nullable Tensor constant) {
    this.graph = graph;
    this.name = name;
    this.fact = fact;
    this.constant = constant;
  }

  /** Unique in its graph. */
  public String name() {
    return name;
  }

  /** What is known of it. */
  public Fact fact() {
    return fact;
  }

  /** Its elements, if they are constant; the memory is that of whoever made the graph. */
  public @Nullable Tensor constant() {
    return constant;
  }

  /** Whether its elements are constant. */
  public boolean isConstant() {
    return constant != null;
  }

  /**
   * Says that a pass looked at the elements of this constant, such as an epsilon, and will have
   * them built in if it rewrites something: see {@link Graph#settle}.
   */
  public void consult() {
    graph.consulted.add(this);
  }

  /** The node that makes it; null for inputs and constants. */
  public @Nullable Node producer() {
    return producer;
  }

  /** The operator that makes it, if it is one of this type. */
  public <T extends Operator> @Nullable T producedBy(Class<T> type) {
    Node node = producer;
    return node != null && type.isInstance(node.operator()) ? type.cast(node.operator()) : null;
  }

  @Override
  public String toString() {
    return name + ": " + fact;
  }
}
