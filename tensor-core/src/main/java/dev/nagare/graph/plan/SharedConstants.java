package dev.nagare.graph.plan;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Value;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/**
 * What is the same in the graphs of all versions of a {@link PlanFamily}: constants that are no
 * floats, and numbers that passes have built in. Kept in memory of its own, so that no version's
 * has to outlive it.
 */
final class SharedConstants implements AutoCloseable {
  private final ProcessMemory memory;
  private final Map<String, Tensor> tensors = new HashMap<>();

  /** Copies them from the graph of the first version. */
  SharedConstants(Graph graph) {
    memory = new ProcessMemory("plans of " + graph.name());
    graph.builtIn().forEach(this::copy);
    for (Value value : graph.constants()) {
      Tensor tensor = value.constant();
      if (tensor != null && !tensor.dtype().isFloating()) {
        copy(value.name(), tensor);
      }
    }
  }

  private void copy(String name, Tensor tensor) {
    tensors.put(name, memory.copyOf(tensor));
  }

  /** A version's graph with these instead of its own. */
  Graph in(Graph graph) {
    return graph.with(tensors);
  }

  /** Frees them; no plan and no frame may be left. */
  @Override
  public void close() {
    memory.adopt();
    memory.close();
  }
}
