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
import java.util.Locale;
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
  private static final int AS_READ_AND_AS_PACKED = 2;

  private final OnnxModel onnx;
  private final ProcessMemory memory;
  private final RowPlans rows;
  private final @Nullable SequencePlans sequences;
  private final List<TensorSpec> inputs;
  private final List<TensorSpec> outputs;
  private final OutputSizes outputSizes;
  private final SampleInputs samples;
  private final ModelOptions options;
  private volatile @Nullable Accuracy accuracy;

  private CompiledModel(
      OnnxModel onnx,
      ProcessMemory memory,
      Map<String, Tensor> known,
      ModelOptions options,
      @Nullable CompiledModel before) {
    this.onnx = onnx;
    this.memory = memory;
    Kernels kernels = options.kernels();
    options.plan().require(kernels);
    this.options = options;
    Graph imported = onnx.graph(known, options.sizes());
    Graph optimised = Passes.inference(imported, kernels, memory).graph();
    inputs = imported.inputs().stream().map(value -> spec(value.name(), value)).toList();
    samples = new SampleInputs(imported, inputs);
    List<TensorSpec> made = new ArrayList<>();
    for (int i = 0; i < imported.outputs().size(); i++) {
      made.add(spec(imported.outputNames().get(i), imported.outputs().get(i)));
    }
    outputs = List.copyOf(made);
    outputSizes = new OutputSizes(inputs, outputs);
    for (TensorSpec spec : made) {
      requireCarried(spec);
    }
    inputs.forEach(CompiledModel::requireCarried);
    rows = new RowPlans(optimised, inputs, outputs, options, before == null ? null : before.rows);
    try {
      sequences = sequences(optimised, before == null ? null : before.sequences);
    } catch (RuntimeException | Error e) {
      rows.close();
      throw e;
    }
  }

  private @Nullable SequencePlans sequences(Graph optimised, @Nullable SequencePlans before) {
    Ragged.Outcome ragged = Ragged.of(optimised);
    Graph packed = ragged.graph();
    return packed == null
        ? null
        : new SequencePlans(packed, ragged.masks(), inputs, outputs, options, before);
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
    return load(file, known, options, MemoryBudget.UNLIMITED, null);
  }

  /**
   * Reads and compiles a model that is to hold so much and no more.
   *
   * @param budget asked for the weights before any is read, and for the plan before any is opened
   * @param before another version, which is not closed meanwhile: if the two differ in their
   *     weights alone and have the same options, plans are not compiled anew but shared, and so are
   *     the frames of sessions. Either may be closed first
   * @throws TensorException kind OUT_OF_BUDGET, as the budget says it
   */
  public static CompiledModel load(
      Path file,
      Map<String, Tensor> known,
      ModelOptions options,
      MemoryBudget budget,
      @Nullable InferenceModel before)
      throws IOException {
    OnnxModel onnx = OnnxModel.read(file);
    var memory = new ProcessMemory("model " + file.getFileName());
    CompiledModel model;
    try {
      budget.weights(AS_READ_AND_AS_PACKED * onnx.weightBytes());
      CompiledModel alike =
          before instanceof CompiledModel compiled && compiled.options.equals(options)
              ? compiled
              : null;
      model = new CompiledModel(onnx, memory, known, options, alike);
    } catch (RuntimeException | Error e) {
      memory.close();
      onnx.close();
      throw e;
    }
    try {
      budget.plan(model.laneBytes());
      model.warmUp();
      onnx.letGo();
      return model;
    } catch (RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  private long laneBytes() {
    return sequences == null ? rows.laneBytes() : sequences.laneBytes();
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
  public Map<String, String> parameters() {
    Accuracy found = accuracy;
    String dtype = options.plan().dtype().name().toLowerCase(Locale.ROOT);
    return found == null
        ? Map.of("precision", dtype)
        : Map.of("precision", dtype, "accuracy", found.toString());
  }

  /** Says how close to F32 it was found to be. */
  void checked(Accuracy found) {
    accuracy = found;
  }

  /** Makes up inputs for it. */
  SampleInputs samples() {
    return samples;
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
    int alone = rows.onlyRows(tensors);
    if (alone > 0 && sequences == null) {
      return new Size(alone, alone, RowPlans.ROWS_ALONE);
    }
    Map<String, Long> sizes = sizes(inputs, tensors);
    long tokens = sequences == null ? -1 : sequences.tokens(tensors);
    if (tokens > 0) {
      return new Size(rows.rows(sizes), tokens, SequencePlans.class);
    }
    long work = 1;
    for (long size : sizes.values()) {
      work = work > Long.MAX_VALUE / size ? Long.MAX_VALUE : work * size;
    }
    return rows.size(sizes, work);
  }

  @Override
  public long elements(int output, List<Tensor> tensors) {
    return outputSizes.elements(output, tensors);
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

  /**
   * For how many rows at once there are plans now, ascending; tokens, if it takes sequences. Others
   * are compiled when they are in demand.
   */
  public List<Long> planned() {
    return sequences == null ? rows.buckets() : sequences.buckets();
  }

  @Override
  public void prepareLike(InferenceModel other) {
    if (other instanceof CompiledModel before
        && (sequences == null) == (before.sequences == null)) {
      List<Long> wanted = before.planned();
      if (sequences == null) {
        rows.prepare(wanted);
      } else {
        sequences.prepare(wanted);
      }
    }
  }

  @Override
  public boolean costsLike(InferenceModel other) {
    if (!(other instanceof CompiledModel compiled)) {
      return false;
    }
    SequencePlans theirs = compiled.sequences;
    return sequences == null
        ? rows.sharesPlansWith(compiled.rows)
        : theirs != null && sequences.sharesPlansWith(theirs);
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
