package dev.nagare.graph.plan;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether two graphs say the same but for the elements of their parameters, so that a plan of one
 * is a plan of the other. Those that hold graphs in their operators are taken to differ.
 */
final class Likeness {
  private Likeness() {}

  static boolean of(Graph one, Graph other) {
    return one.outputNames().equals(other.outputNames())
        && said(one.inputs()).equals(said(other.inputs()))
        && said(one.outputs()).equals(said(other.outputs()))
        && nodes(one).equals(nodes(other))
        && sameConstants(one, other)
        && sameBuiltIn(one.builtIn(), other.builtIn());
  }

  private static List<String> said(List<Value> values) {
    return values.stream().map(Value::toString).toList();
  }

  /** What a node does with which values. */
  private record Work(Object operator, List<@Nullable String> inputs, List<String> outputs) {}

  private static List<Work> nodes(Graph graph) {
    return graph.nodes().stream().map(Likeness::work).toList();
  }

  private static Work work(Node node) {
    var inputs = new ArrayList<@Nullable String>();
    node.inputs().forEach(value -> inputs.add(value == null ? null : value.name()));
    return new Work(node.operator(), inputs, said(node.outputs()));
  }

  private static boolean sameConstants(Graph one, Graph other) {
    List<Value> all = one.constants();
    return all.size() == other.constants().size()
        && all.stream().allMatch(value -> same(value, other.value(value.name())));
  }

  private static boolean same(Value one, @Nullable Value other) {
    Tensor expected = one.constant();
    Tensor got = other == null ? null : other.constant();
    return expected != null
        && got != null
        && expected.dtype() == got.dtype()
        && expected.shape().equals(got.shape())
        && (expected.dtype().isFloating() || sameBits(expected, got));
  }

  private static boolean sameBuiltIn(Map<String, Tensor> one, Map<String, Tensor> other) {
    return one.keySet().equals(other.keySet())
        && one.entrySet().stream()
            .allMatch(entry -> sameBits(entry.getValue(), other.get(entry.getKey())));
  }

  /** Whether both lie one element after the other and have the same bits. */
  static boolean sameBits(Tensor one, @Nullable Tensor other) {
    return other != null && one.isContiguous() && other.isContiguous() && one.hasSameBits(other);
  }
}
