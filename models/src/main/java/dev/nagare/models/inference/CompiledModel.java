package dev.nagare.models.inference;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Value;
import dev.nagare.graph.pass.Passes;
import dev.nagare.graph.pass.Ragged;
import dev.nagare.models.onnx.OnnxModel;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model from an ONNX file, rewritten by passes and compiled into plans.
 *
 * <p>Rows of different questions run together where the first axis of every input and output is one
 * named size. Encoders whose inputs are {@code [batch, seq]} run without padding: sequences of any
 * lengths lie one after the other; what is computed for a position that the attention mask hides is
 * 0. A mask with a hole, which hides what lies before something that it shows, is answered by the
 * padded plans.
 */
public final class CompiledModel implements InferenceModel {
  private final OnnxModel onnx;
  private final ProcessMemory memory;
  private final RowPlans rows;
  private final @Nullable SequencePlans sequences;
  private final List<TensorSpec> inputs;
  private final List<TensorSpec> outputs;

  private CompiledModel(
      OnnxModel onnx, ProcessMemory memory, Map<String, Tensor> known, ModelOptions options) {
    this.onnx = onnx;
    this.memory = memory;
    Kernels kernels = options.kernels();
    Graph imported = onnx.graph(known);
    Graph optimised = Passes.inference(imported, kernels, memory).graph();
    inputs = imported.inputs().stream().map(value -> spec(value.name(), value)).toList();
    List<TensorSpec> made = new ArrayList<>();
    for (int i = 0; i < imported.outputs().size(); i++) {
      made.add(spec(imported.outputNames().get(i), imported.outputs().get(i)));
    }
    outputs = List.copyOf(made);
    for (TensorSpec spec : made) {
      requireCarried(spec);
    }
    inputs.forEach(CompiledModel::requireCarried);
    rows = new RowPlans(optimised, inputs, outputs, options);
    Ragged.Outcome ragged = Ragged.of(optimised);
    Graph packed = ragged.graph();
    sequences =
        packed == null ? null : new SequencePlans(packed, ragged.masks(), inputs, outputs, options);
  }

  private static void requireCarried(TensorSpec spec) {
    if (spec.dtype() == DType.BF16) {
      throw TensorException.mismatch(
          "model: " + spec.name() + " is BF16, which plans neither take nor give; cast it to F32");
    }
  }

  private static TensorSpec spec(String name, Value value) {
    return new TensorSpec(name, value.fact().dtype(), value.fact().shape());
  }

  /**
   * Reads and compiles a model; costs up to some seconds.
   *
   * @param known values of inputs that determine shapes, which then are no inputs any more
   * @throws IOException if the file cannot be read
   * @throws dev.nagare.models.onnx.proto.OnnxException if it is damaged or not supported
   */
  public static CompiledModel load(Path file, Map<String, Tensor> known, ModelOptions options)
      throws IOException {
    OnnxModel onnx = OnnxModel.read(file);
    var memory = new ProcessMemory("model " + file.getFileName());
    CompiledModel model;
    try {
      model = new CompiledModel(onnx, memory, known, options);
    } catch (RuntimeException | Error e) {
      memory.close();
      onnx.close();
      throw e;
    }
    try {
      model.warmUp();
      return model;
    } catch (RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  /**
   * Kernels are compiled by the JVM when they have run for a while: better before a caller waits.
   */
  private void warmUp() {
    if (sequences != null) {
      sequences.warmUp();
    } else {
      rows.warmUp();
    }
  }

  @Override
  public String platform() {
    return "nagare_onnx";
  }

  @Override
  public List<TensorSpec> inputs() {
    return inputs;
  }

  @Override
  public List<TensorSpec> outputs() {
    return outputs;
  }

  @Override
  public Size size(List<Tensor> tensors) {
    Map<String, Long> sizes = sizes(inputs, tensors);
    int count = rows.rows(sizes);
    long tokens = sequences == null ? -1 : sequences.tokens(tensors);
    if (tokens > 0) {
      return new Size(count, tokens, SequencePlans.class);
    }
    long work = 1;
    for (long size : sizes.values()) {
      work = work > Long.MAX_VALUE / size ? Long.MAX_VALUE : work * size;
    }
    return new Size(count, work, rows.kind(sizes));
  }

  /**
   * The numbers that named sizes have for these inputs.
   *
   * @throws TensorException kind MISMATCH if a name has two, or one is 0
   */
  static Map<String, Long> sizes(List<TensorSpec> specs, List<Tensor> tensors) {
    Map<String, Long> sizes = new HashMap<>();
    for (int i = 0; i < specs.size(); i++) {
      List<Dim> shape = specs.get(i).shape();
      for (int axis = 0; axis < shape.size(); axis++) {
        if (shape.get(axis).isKnown()) {
          continue;
        }
        String name = shape.get(axis).toString();
        long size = tensors.get(i).dim(axis);
        Long before = sizes.putIfAbsent(name, size);
        if (size == 0 || (before != null && before != size)) {
          throw TensorException.mismatch(
              "input "
                  + specs.get(i).name()
                  + ": expected "
                  + name
                  + (before == null ? " of at least 1" : " = " + before + " as in the others")
                  + ", got "
                  + tensors.get(i).shape());
        }
      }
    }
    return sizes;
  }

  @Override
  public Session open() {
    return new LaneSession();
  }

  @Override
  public void close() {
    rows.close();
    if (sequences != null) {
      sequences.close();
    }
    memory.close();
    onnx.close();
  }

  /** Both ways of one lane, each opened when it is first needed. */
  private final class LaneSession implements Session {
    private @Nullable Session padded;
    private @Nullable Session packed;

    LaneSession() {
      if (sequences != null) {
        packed = sequences.open();
      } else {
        padded = rows.open();
      }
    }

    @Override
    public List<List<Tensor>> run(List<List<Tensor>> questions) {
      SequencePlans without = sequences;
      Session ready = packed;
      if (without != null && ready != null && without.tokens(questions.getFirst()) > 0) {
        return ready.run(questions);
      }
      Session dense = padded == null ? rows.open() : padded;
      padded = dense;
      return dense.run(questions);
    }

    @Override
    public void close() {
      if (padded != null) {
        padded.close();
      }
      if (packed != null) {
        packed.close();
      }
    }
  }
}
