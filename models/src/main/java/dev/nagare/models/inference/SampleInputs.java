package dev.nagare.models.inference;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Cast;
import dev.nagare.graph.op.Gather;
import dev.nagare.graph.op.Identity;
import dev.nagare.graph.op.Reshape;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Inputs that a model accepts, made up from a seed.
 *
 * <p>Floating ones are uniform with mean 0 and variance 1. Integers that look up rows of a table
 * are uniform over its rows; other integers are 1, which as a mask shows everything.
 */
final class SampleInputs {
  private static final double REACH = Math.sqrt(3);
  private static final long ONE_BUT_NONE = 0;

  private final List<TensorSpec> inputs;
  private final Map<String, Long> tables = new HashMap<>();

  /**
   * Looks at what the inputs are used for.
   *
   * @param imported the graph before any pass
   */
  SampleInputs(Graph imported, List<TensorSpec> inputs) {
    this.inputs = inputs;
    for (Value input : imported.inputs()) {
      tables.put(input.name(), rows(imported, input));
    }
  }

  /** Rows of the smallest table that an input looks up; 0 if it looks up none. */
  private static long rows(Graph graph, Value input) {
    long least = ONE_BUT_NONE;
    Set<Value> seen = new HashSet<>(Set.of(input));
    var open = new ArrayDeque<>(seen);
    while (!open.isEmpty()) {
      Value value = open.remove();
      for (Node reader : graph.readers(value)) {
        if (reader.operator() instanceof Gather gather && reader.input(1) == value) {
          Fact table = reader.input(0).fact();
          if (table.dim(gather.axis()).isKnown()) {
            long size = table.dim(gather.axis()).value();
            least = least == ONE_BUT_NONE ? size : Math.min(least, size);
          }
        } else if (passesOn(reader, value) && seen.add(reader.output())) {
          open.add(reader.output());
        }
      }
    }
    return least;
  }

  private static boolean passesOn(Node reader, Value value) {
    return reader.input(0) == value
        && (reader.operator() instanceof Cast
            || reader.operator() instanceof Identity
            || reader.operator() instanceof Reshape);
  }

  /** The named sizes, sorted. */
  Set<String> names() {
    Set<String> names = new TreeSet<>();
    for (TensorSpec input : inputs) {
      input.shape().stream()
          .filter(dim -> !dim.isKnown())
          .forEach(dim -> names.add(dim.toString()));
    }
    return names;
  }

  /** Whether a named size is that of some input's first axis, such as the batch. */
  boolean isFirst(String name) {
    return inputs.stream()
        .anyMatch(
            spec -> !spec.shape().isEmpty() && spec.shape().getFirst().toString().equals(name));
  }

  /**
   * Makes inputs.
   *
   * @param sizes a number for each name
   */
  List<Tensor> make(Map<String, Long> sizes, long seed, Memory memory) {
    List<Tensor> made = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      TensorSpec spec = inputs.get(i);
      long[] dims = spec.shape().stream().mapToLong(dim -> dim.bind(sizes).value()).toArray();
      Tensor tensor = memory.empty(spec.dtype(), Shape.of(dims));
      fill(tensor, tables.get(spec.name()), new CounterRandom(seed, 0, i));
      made.add(tensor);
    }
    return made;
  }

  private static void fill(Tensor tensor, @Nullable Long table, CounterRandom random) {
    for (int i = 0; i < tensor.elements(); i++) {
      if (tensor.dtype().isFloating()) {
        tensor.set(i, REACH * (2 * random.uniform(i) - 1));
      } else {
        long rows = table == null ? ONE_BUT_NONE : table;
        tensor.setLong(i, rows == ONE_BUT_NONE ? 1 : (long) (rows * random.uniform(i)));
      }
    }
  }
}
