package dev.nagare.graph;

import dev.nagare.graph.Operator.Order;
import dev.nagare.graph.Operator.Step;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs a graph node by node, each value in memory of its own: the plain way, which says what a plan
 * must answer, and folds constants.
 *
 * <p>Every value is row-major; where an operator wants images channels last, they are copied to and
 * fro. Made once, it runs again and again without allocating. For one thread at a time; its tensors
 * live in the memory that it was given.
 */
public final class Interpreter {
  private final Graph graph;
  private final IdentityHashMap<Value, Tensor> tensors = new IdentityHashMap<>();
  private final List<Step> steps = new ArrayList<>();

  /**
   * Prepares a graph.
   *
   * @param graph of which names of sizes are replaced by what the inputs have
   * @param kernels what computes
   * @param inputs a tensor for each input, read at each run; more are ignored
   * @param memory for every other value
   * @throws TensorException kind MISMATCH if an input is missing or does not fit
   */
  public Interpreter(Graph graph, Kernels kernels, Map<String, Tensor> inputs, Memory memory) {
    this.graph = graph.bind(sizes(graph, inputs));
    for (Value input : this.graph.inputs()) {
      tensors.put(input, given(inputs, input).contiguous(memory));
    }
    for (Value constant : this.graph.constants()) {
      Tensor tensor = constant.constant();
      if (tensor != null) {
        tensors.put(constant, tensor.contiguous(memory));
      }
    }
    for (Node node : this.graph.nodes()) {
      prepare(node, kernels, memory);
    }
  }

  /**
   * Runs a graph once.
   *
   * @return outputs by name, in memory
   */
  public static Map<String, Tensor> run(
      Graph graph, Kernels kernels, Map<String, Tensor> inputs, Memory memory) {
    var interpreter = new Interpreter(graph, kernels, inputs, memory);
    interpreter.run();
    return interpreter.outputs();
  }

  /**
   * What the names of sizes stand for, given inputs.
   *
   * @throws TensorException kind MISMATCH if an input is missing or has another dtype or shape, or
   *     two of them disagree about a name
   */
  public static Map<String, Long> sizes(Graph graph, Map<String, Tensor> inputs) {
    Map<String, Long> sizes = new HashMap<>();
    for (Value input : graph.inputs()) {
      Tensor tensor = given(inputs, input);
      List<Dim> shape = input.fact().shape();
      boolean fits =
          tensor.dtype() == input.fact().dtype() && tensor.shape().rank() == shape.size();
      for (int i = 0; fits && i < shape.size(); i++) {
        Dim dim = shape.get(i);
        long size = tensor.dim(i);
        if (!dim.isKnown() && dim.equals(Dim.named(dim.toString()))) {
          Long other = sizes.putIfAbsent(dim.toString(), size);
          fits = other == null || other == size;
        }
      }
      if (!fits) {
        throw TensorException.mismatch(
            "input " + input + ": got " + tensor + (sizes.isEmpty() ? "" : " with " + sizes));
      }
    }
    for (Value input : graph.inputs()) {
      Tensor tensor = given(inputs, input);
      Fact fact = input.fact().bind(sizes);
      if (!fact.isKnown() || !fact.toShape().equals(tensor.shape())) {
        throw TensorException.mismatch("input " + input + ": got " + tensor + " with " + sizes);
      }
    }
    return sizes;
  }

  private static Tensor given(Map<String, Tensor> inputs, Value input) {
    Tensor tensor = inputs.get(input.name());
    if (tensor == null) {
      throw TensorException.mismatch("input " + input + ": missing among " + inputs.keySet());
    }
    return tensor;
  }

  private void prepare(Node node, Kernels kernels, Memory memory) {
    boolean last = node.operator().order() == Order.CHANNELS_LAST;
    List<@Nullable Tensor> inputs = new ArrayList<>();
    for (Value value : node.inputs()) {
      Tensor tensor = value == null ? null : tensor(value);
      if (tensor != null && last && isImage(tensor.shape())) {
        Tensor image = channelsLast(memory, tensor);
        Tensor source = tensor;
        steps.add(() -> image.copyFrom(source));
        tensor = image;
      }
      inputs.add(tensor);
    }
    List<Tensor> outputs = new ArrayList<>();
    List<Step> after = new ArrayList<>();
    for (Value value : node.outputs()) {
      Tensor tensor = memory.empty(value.fact().dtype(), value.fact().toShape());
      tensors.put(value, tensor);
      if (last && isImage(tensor.shape())) {
        Tensor image = channelsLast(memory, tensor);
        after.add(() -> tensor.copyFrom(image));
        outputs.add(image);
      } else {
        outputs.add(tensor);
      }
    }
    try {
      steps.add(node.operator().prepare(kernels, inputs, outputs, memory));
    } catch (TensorException e) {
      throw new TensorException(e.kind(), "node " + node.name() + ": " + e.getMessage(), e);
    }
    steps.addAll(after);
  }

  private static boolean isImage(Shape shape) {
    return shape.rank() == 3 || shape.rank() == 4;
  }

  /** A tensor of the same shape whose channels, axis 1, lie next to each other. */
  private static Tensor channelsLast(Memory memory, Tensor like) {
    int rank = like.shape().rank();
    long[] dims = new long[rank];
    int[] axes = new int[rank];
    for (int i = 0; i < rank; i++) {
      axes[i] = i == 0 ? 0 : i == 1 ? rank - 1 : i - 1;
      dims[axes[i]] = like.dim(i);
    }
    return memory.empty(like.dtype(), Shape.of(dims)).permute(axes);
  }

  private Tensor tensor(Value value) {
    Tensor tensor = tensors.get(value);
    if (tensor == null) {
      throw new IllegalStateException("value " + value + " is read before it is made");
    }
    return tensor;
  }

  /** Computes the outputs from what the inputs hold now. */
  public void run() {
    for (int i = 0; i < steps.size(); i++) {
      steps.get(i).run();
    }
  }

  /**
   * An output by its name: the same tensor at each run.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Tensor output(String name) {
    int at = graph.outputNames().indexOf(name);
    if (at < 0) {
      throw new IllegalArgumentException(
          graph.name() + ": no output " + name + " among " + graph.outputNames());
    }
    return tensor(graph.outputs().get(at));
  }

  /** The outputs by name: the same tensors at each run. */
  public Map<String, Tensor> outputs() {
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    for (int i = 0; i < graph.outputs().size(); i++) {
      outputs.put(graph.outputNames().get(i), tensor(graph.outputs().get(i)));
    }
    return outputs;
  }
}
