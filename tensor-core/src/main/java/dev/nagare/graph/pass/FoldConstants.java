package dev.nagare.graph.pass;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Operator;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Convolution;
import dev.nagare.graph.op.Linear;
import dev.nagare.graph.op.MatMul;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs what depends on constants alone, and makes constants of values whose elements are known.
 *
 * <p>A result that is larger than what it is made of, and large, stays a node unless it is a
 * weight: memory is worth more than repeating a number. What was run is told to a {@link
 * Derivation}.
 */
public final class FoldConstants implements Pass {
  /** Results of as many elements are made whatever they are made of. */
  private static final long SMALL = 1 << 16;

  private final Kernels kernels;
  private final Memory memory;
  private final Derivation derivation;

  /**
   * Creates a pass.
   *
   * @param kernels what computes
   * @param memory where results lie, as long as the graph is used
   * @param derivation learns what was run
   */
  public FoldConstants(Kernels kernels, Memory memory, Derivation derivation) {
    this.kernels = kernels;
    this.memory = memory;
    this.derivation = derivation;
  }

  @Override
  public boolean apply(Graph graph) {
    boolean changed = false;
    for (Node node : List.copyOf(graph.nodes())) {
      if (node.outputs().stream().allMatch(FoldConstants::isNumbers)) {
        for (Value output : node.outputs()) {
          graph.replace(output, graph.newConstant(output.name(), numbers(output.fact())));
        }
      } else if (isFoldable(graph, node)) {
        run(graph, node);
      } else {
        continue;
      }
      graph.remove(node);
      changed = true;
    }
    return changed;
  }

  private static boolean isNumbers(Value value) {
    List<Dim> contents = value.fact().contents();
    return contents != null && contents.stream().allMatch(Dim::isKnown);
  }

  private Tensor numbers(Fact fact) {
    Tensor tensor = memory.empty(fact.dtype(), fact.toShape());
    List<Dim> contents = fact.contents() == null ? List.of() : fact.contents();
    for (int i = 0; i < contents.size(); i++) {
      tensor.setLong(i, contents.get(i).value());
    }
    return tensor;
  }

  private static boolean isFoldable(Graph graph, Node node) {
    if (node.operator().order() == Operator.Order.CHANNELS_LAST) {
      return false; // images do not lie as constants do
    }
    long read = SMALL;
    for (Value input : node.inputs()) {
      if (input == null) {
        continue;
      }
      Tensor constant = input.constant();
      if (constant == null) {
        return false;
      }
      read += constant.elements();
    }
    long made = 0;
    for (Value output : node.outputs()) {
      if (!output.fact().isKnown()) {
        return false;
      }
      made += output.fact().elements().value();
    }
    return made <= read || node.outputs().stream().anyMatch(value -> isWeight(graph, value));
  }

  /** Whether a value would be the weight of something, which has to be packed anyway. */
  private static boolean isWeight(Graph graph, Value value) {
    return graph.readers(value).stream()
        .anyMatch(
            reader ->
                (reader.operator() instanceof Convolution
                        || reader.operator() instanceof MatMul
                        || reader.operator() instanceof Linear)
                    && reader.input(1) == value);
  }

  private void run(Graph graph, Node node) {
    List<Tensor> results = run(node.operator(), Derivation.tensors(node), facts(node));
    var values = new ArrayList<Value>();
    for (int i = 0; i < results.size(); i++) {
      Value output = node.outputs().get(i);
      Value constant = graph.newConstant(output.name(), results.get(i));
      values.add(constant);
      graph.replace(output, constant);
    }
    derivation.add(node, values);
  }

  private static List<Fact> facts(Node node) {
    return node.outputs().stream().map(Value::fact).toList();
  }

  private List<Tensor> run(Operator operator, List<@Nullable Tensor> inputs, List<Fact> facts) {
    return Derivation.run(kernels, memory, operator, inputs, facts);
  }
}
