package dev.nagare.graph.pass;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Node;
import dev.nagare.graph.Operator;
import dev.nagare.graph.Value;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How constants of an optimised graph follow from parameters of the original one.
 *
 * <p>A batch normalisation that was folded into a convolution, or the weights of three projections
 * side by side, are not parameters of the model: when a new version of the parameters comes, they
 * are made again, by the operators that made them first. Filled by {@link FoldConstants}; from then
 * on safe for any number of threads.
 */
public final class Derivation {
  private record Step(
      Operator operator,
      List<@Nullable String> inputs,
      List<@Nullable Tensor> originals,
      List<String> outputs,
      List<Fact> facts) {}

  private final List<Step> steps = new ArrayList<>();

  /** One of which nothing was derived so far. */
  public Derivation() {}

  void add(Node node, List<Value> outputs) {
    var names = new ArrayList<@Nullable String>();
    node.inputs().forEach(value -> names.add(value == null ? null : value.name()));
    steps.add(
        new Step(
            node.operator(),
            names,
            tensors(node),
            outputs.stream().map(Value::name).toList(),
            node.outputs().stream().map(Value::fact).toList()));
  }

  /** Names of the constants that were made. */
  public List<String> names() {
    return steps.stream().flatMap(step -> step.outputs.stream()).toList();
  }

  /**
   * Everything that follows from another version of parameters, by name; what does not depend on
   * one of them is left out.
   *
   * @param parameters of the new version; one that is not in the map is as it was
   * @param memory where results lie
   */
  public Map<String, Tensor> derive(
      Map<String, Tensor> parameters, Kernels kernels, Memory memory) {
    var known = new LinkedHashMap<>(parameters);
    var derived = new LinkedHashMap<String, Tensor>();
    for (Step step : steps) {
      if (step.inputs.stream().noneMatch(known::containsKey)) {
        continue;
      }
      var inputs = new ArrayList<@Nullable Tensor>();
      for (int i = 0; i < step.inputs.size(); i++) {
        Tensor given = known.get(step.inputs.get(i));
        inputs.add(given == null ? step.originals.get(i) : given);
      }
      List<Tensor> results = run(kernels, memory, step.operator, inputs, step.facts);
      for (int i = 0; i < results.size(); i++) {
        known.put(step.outputs.get(i), results.get(i));
        derived.put(step.outputs.get(i), results.get(i));
      }
    }
    return derived;
  }

  static List<@Nullable Tensor> tensors(Node node) {
    var tensors = new ArrayList<@Nullable Tensor>();
    node.inputs().forEach(value -> tensors.add(value == null ? null : value.constant()));
    return tensors;
  }

  static List<Tensor> run(
      Kernels kernels,
      Memory memory,
      Operator operator,
      List<@Nullable Tensor> inputs,
      List<Fact> facts) {
    var outputs = new ArrayList<Tensor>();
    for (Fact fact : facts) {
      outputs.add(memory.empty(fact.dtype(), fact.toShape()));
    }
    try (var scratch = new ProcessMemory("constant folding")) {
      operator.prepare(kernels, inputs, outputs, scratch).run();
    }
    return outputs;
  }
}
