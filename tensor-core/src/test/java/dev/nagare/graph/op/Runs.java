package dev.nagare.graph.op;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Interpreter;
import dev.nagare.graph.Operator;
import dev.nagare.graph.Value;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Runs one operator on tensors. */
final class Runs {
  static final Kernels KERNELS = KernelProviders.best().kernels();

  private Runs() {}

  /** The outputs of an operator; null stands for an input that is absent. */
  static List<Tensor> all(Memory memory, Operator operator, @Nullable Tensor... inputs) {
    var graph = new Graph("one");
    Map<String, Tensor> given = new LinkedHashMap<>();
    List<@Nullable Value> values = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      Tensor tensor = inputs[i];
      if (tensor == null) {
        values.add(null);
      } else {
        values.add(graph.input("x" + i, Fact.of(tensor.dtype(), tensor.shape().toArray())));
        given.put("x" + i, tensor);
      }
    }
    var node = graph.add(operator, values, List.of());
    for (int i = 0; i < node.outputs().size(); i++) {
      graph.output("y" + i, node.outputs().get(i));
    }
    return List.copyOf(Interpreter.run(graph, KERNELS, given, memory).values());
  }

  /** The first output of an operator. */
  static Tensor one(Memory memory, Operator operator, @Nullable Tensor... inputs) {
    return all(memory, operator, inputs).getFirst();
  }

  static Tensor random(Memory memory, SplittableRandom random, DType dtype, long... dims) {
    Tensor tensor = memory.empty(dtype, Shape.of(dims));
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, dtype.isFloating() ? random.nextDouble(-2, 2) : random.nextInt(-9, 10));
    }
    return tensor;
  }
}
