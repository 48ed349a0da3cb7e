package dev.nagare.models.onnx;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Interpreter;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The elements of values that depend on constants only, for operators that must know them at
 * import: axes, sizes that went through floating point numbers, limits.
 *
 * <p>Only what is small is computed, each value once, with the reference kernels.
 */
final class Folding {
  private static final long MOST_ELEMENTS = 1 << 14;

  private final Memory memory;
  private final Kernels kernels = KernelProviders.byName("scalar").kernels();
  private final IdentityHashMap<Value, Tensor> folded = new IdentityHashMap<>();

  Folding(Memory memory) {
    this.memory = memory;
  }

  /** The elements, or null if they depend on more than constants, or are many. */
  @Nullable Tensor of(Value value) {
    List<Node> open = new ArrayList<>();
    if (!collect(value, open)) {
      return null;
    }
    for (Node node : open) {
      run(node);
    }
    return tensor(value);
  }

  private @Nullable Tensor tensor(Value value) {
    Tensor constant = value.constant();
    return constant != null ? constant : folded.get(value);
  }

  /** Finds the nodes to run, each after those whose outputs it reads; false if one cannot. */
  private boolean collect(Value value, List<Node> open) {
    List<Value> stack = new ArrayList<>(List.of(value));
    IdentityHashMap<Node, Boolean> entered = new IdentityHashMap<>();
    while (!stack.isEmpty()) {
      Value top = stack.getLast();
      Node node = top.producer();
      if (tensor(top) != null || (node != null && Boolean.TRUE.equals(entered.get(node)))) {
        stack.removeLast();
      } else if (node == null || !isSmall(node)) {
        return false;
      } else if (entered.containsKey(node)) {
        entered.put(node, true); // its inputs are done
        open.add(node);
        stack.removeLast();
      } else {
        entered.put(node, false);
        for (Value input : node.inputs()) {
          if (input != null) {
            stack.add(input);
          }
        }
      }
    }
    return true;
  }

  private static boolean isSmall(Node node) {
    return node.outputs().stream().map(Value::fact).allMatch(Folding::isSmall);
  }

  private static boolean isSmall(Fact fact) {
    return fact.isKnown() && fact.elements().value() <= MOST_ELEMENTS;
  }

  private void run(Node node) {
    var graph = new Graph(node.name());
    List<@Nullable Value> inputs = new ArrayList<>();
    for (Value input : node.inputs()) {
      Tensor tensor = input == null ? null : tensor(input);
      inputs.add(tensor == null ? null : graph.newConstant("constant", tensor));
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < node.outputs().size(); i++) {
      names.add("output." + i);
    }
    Node twin = graph.add(node.operator(), inputs, names);
    for (int i = 0; i < names.size(); i++) {
      graph.output(names.get(i), twin.outputs().get(i));
    }
    try (Scope scope = new Scope(1 << 12)) {
      Map<String, Tensor> results = Interpreter.run(graph, kernels, Map.of(), scope);
      int next = 0;
      for (Tensor result : results.values()) {
        folded.put(node.outputs().get(next++), memory.copyOf(result));
      }
    }
  }
}
