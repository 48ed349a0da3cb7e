package dev.nagare.graph.plan;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Value;
import dev.nagare.graph.pass.Derivation;
import dev.nagare.graph.pass.FoldConstants;
import dev.nagare.graph.pass.MergeAffine;
import dev.nagare.graph.pass.MergeDuplicates;
import dev.nagare.graph.pass.Passes;
import dev.nagare.graph.pass.RemoveDeadCode;
import dev.nagare.graph.pass.SplitBatchNorm;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A graph at fixed sizes, bound to kernels and memory: what all versions of its weights and all
 * lanes share.
 *
 * <pre>{@code
 * try (Plan plan = Plan.compile(graph, Map.of("batch", 8L), kernels, PlanOptions.DEFAULT);
 *     PackedWeights weights = plan.pack();
 *     Frame frame = plan.open(weights)) {
 *   frame.input("x").copyFrom(values, 0);
 *   frame.run();
 *   frame.output("y").copyTo(result, 0);
 * }
 * }</pre>
 *
 * <p>The graph's constants must stay alive as long as the plan. Immutable and safe for any thread;
 * closed, it ends with its last frame.
 */
public final class Plan implements AutoCloseable {
  private final String name;
  private final Map<String, Long> dims;
  private final Kernels kernels;
  private final PlanOptions options;
  private final Derivation derivation; // of what is constant at these sizes
  private final ProcessMemory constants;
  private final MemoryPool pool;
  private final Map<String, Tensor> originals = new HashMap<>();
  private final Map<String, Tensor> builtIn;
  private final List<String> inputNames;
  private final List<String> outputNames;
  private final List<PlanStep> steps;
  private final List<Parameter> parameters;
  private final List<Slot> inputs;
  private final List<Slot> outputs;
  private final Extents extents;
  private volatile long scratchBytes;
  private final AtomicInteger leases = new AtomicInteger(1);
  private final AtomicBoolean closed = new AtomicBoolean();

  private Plan(
      Graph graph,
      Map<String, Long> dims,
      Kernels kernels,
      PlanOptions options,
      PlanBuilder builder,
      Derivation derivation,
      ProcessMemory constants,
      MemoryPool pool) {
    this.name = graph.name();
    this.dims = new TreeMap<>(dims);
    this.kernels = kernels;
    this.options = options;
    this.derivation = derivation;
    this.constants = constants;
    this.pool = pool;
    graph.constants().forEach(value -> originals.put(value.name(), tensor(value)));
    builtIn = Map.copyOf(graph.builtIn());
    inputNames = graph.inputs().stream().map(Value::name).toList();
    outputNames = List.copyOf(graph.outputNames());
    steps = List.copyOf(builder.steps());
    parameters = List.copyOf(builder.parameters());
    inputs = List.copyOf(builder.inputs());
    outputs = List.copyOf(builder.outputs());
    extents = builder.place();
  }

  private static Tensor tensor(Value value) {
    Tensor tensor = value.constant();
    if (tensor == null) {
      throw new IllegalArgumentException(value + " is no constant");
    }
    return tensor;
  }

  /**
   * Compiles a plan; costs up to a second, so it is done off the lanes.
   *
   * @param graph as passes left it
   * @param dims a number for each named size
   * @param kernels what computes
   * @param options how
   * @throws TensorException kind MISMATCH if a size has no number, or the machine cannot compute in
   *     the dtype that is asked for
   */
  public static Plan compile(
      Graph graph, Map<String, Long> dims, Kernels kernels, PlanOptions options) {
    return compile(
        graph,
        dims,
        kernels,
        options,
        new MemoryPool("weights of " + graph.name(), Long.MAX_VALUE));
  }

  static Plan compile(
      Graph graph, Map<String, Long> dims, Kernels kernels, PlanOptions options, MemoryPool pool) {
    options.require(kernels);
    var constants = new ProcessMemory("plan " + graph.name());
    try {
      Graph bound = graph.bind(dims);
      List<String> unbound = PlanBuilder.unbound(bound);
      if (!unbound.isEmpty()) {
        throw TensorException.mismatch(
            "plan "
                + graph.name()
                + ": sizes without a number in "
                + unbound
                + ", got numbers for "
                + new TreeMap<>(dims));
      }
      var derivation = new Derivation();
      var folding = new FoldConstants(kernels, constants, derivation);
      Passes.fixedPoint(
          bound,
          List.of(
              new SplitBatchNorm(constants),
              folding,
              new MergeAffine(),
              new RemoveDeadCode(),
              new MergeDuplicates()));
      var builder = new PlanBuilder(bound, kernels, options, constants);
      try {
        builder.build();
        return new Plan(bound, dims, kernels, options, builder, derivation, constants, pool);
      } catch (RuntimeException | Error e) {
        builder.abandon();
        throw e;
      }
    } catch (RuntimeException | Error e) {
      constants.close();
      throw e;
    }
  }

  /** Packs the weights that the graph came with. */
  public PackedWeights pack() {
    return pack(0, Map.of());
  }

  /**
   * Packs the weights of a version, off the lanes.
   *
   * @param version what it is called
   * @param weights by the names of the graph's constants, copied, and not to be changed while they
   *     are valid; one that is not in the map is what the graph came with. What passes made of them
   *     before, {@link Derivation#derive} answers
   * @throws TensorException kind MISMATCH if a weight does not fit, or changes an element that a
   *     pass built in
   * @param relatives what was packed before, for this plan or another of the same graph: what is in
   *     them as well is shared, not packed again
   */
  public PackedWeights pack(long version, Map<String, Tensor> weights, PackedWeights... relatives) {
    return pack(version, weights, originals, relatives);
  }

  /**
   * The same of weights that are not changed and stay alive until the packed ones are closed: what
   * steps take as it is, is not copied.
   *
   * @param weights of all constants of the graph that are floats
   */
  PackedWeights packInPlace(long version, Map<String, Tensor> weights, PackedWeights... relatives) {
    return pack(version, weights, weights, relatives);
  }

  private PackedWeights pack(
      long version,
      Map<String, Tensor> weights,
      Map<String, Tensor> lasting,
      PackedWeights... relatives) {
    retain();
    try (var memory = new ProcessMemory("weights of " + name)) {
      var all = new HashMap<>(weights);
      all.putAll(derivation.derive(weights, kernels, memory));
      requireBuiltIn(version, all);
      requireHeld(version, all);
      var packer = new Packer(pool, originals, lasting, List.of(relatives));
      Map<Plan, PackedWeights> nested = new HashMap<>();
      try {
        for (PlanStep step : steps) {
          step.nested().forEach(inner -> nested.put(inner, inner.pack(version, weights)));
        }
        return new PackedWeights(this, version, packer.pack(parameters, all), nested);
      } catch (RuntimeException | Error e) {
        nested.values().forEach(PackedWeights::close);
        throw e;
      }
    } finally {
      release();
    }
  }

  private void requireBuiltIn(long version, Map<String, Tensor> weights) {
    builtIn.forEach(
        (parameter, tensor) -> {
          Tensor given = weights.get(parameter);
          if (given != null && (given.elements() != 1 || given.get(0) != tensor.get(0))) {
            throw changed(
                version,
                parameter,
                "a pass built in, expected " + tensor.get(0) + ", got " + given.get(0));
          }
        });
  }

  /**
   * What follows from weights and is no float, such as a mask, is the plan's and not a version's.
   */
  private void requireHeld(long version, Map<String, Tensor> all) {
    for (String derived : derivation.names()) {
      Tensor given = all.get(derived);
      Tensor held = originals.get(derived);
      if (given != null
          && held != null
          && !held.dtype().isFloating()
          && !Likeness.sameBits(given, held)) {
        throw changed(version, derived, "the plan has made of weights");
      }
    }
  }

  private TensorException changed(long version, String constant, String which) {
    return TensorException.mismatch(
        "plan "
            + name
            + ": version "
            + version
            + " changes "
            + constant
            + ", which "
            + which
            + "; compile a plan of the graph with these weights");
  }

  /** Opens a frame for one lane. */
  public Frame open(PackedWeights weights) {
    return open(weights, null);
  }

  /**
   * Opens a frame that a gang runs together, with the bits of a frame of one lane; the plan was
   * compiled for so many lanes.
   */
  public Frame open(PackedWeights weights, @Nullable Gang gang) {
    return open(weights, gang, null);
  }

  /**
   * The same in memory that others use as well, one run after the other.
   *
   * @param work where all but the inputs lies, {@link Extents#work} bytes or more; null for memory
   *     of its own
   */
  Frame open(PackedWeights weights, @Nullable Gang gang, @Nullable Tensor work) {
    var frame = new Frame(this, weights, gang, work);
    scratchBytes = Math.max(scratchBytes, frame.scratchPeak());
    return frame;
  }

  /** Name of the graph. */
  public String name() {
    return name;
  }

  /** The numbers that its sizes have. */
  public Map<String, Long> dims() {
    return dims;
  }

  /** How it computes. */
  public PlanOptions options() {
    return options;
  }

  /** Names of the inputs, in the order of {@link Frame#input(int)}. */
  public List<String> inputNames() {
    return inputNames;
  }

  /** Names of the outputs, in the order of {@link Frame#output(int)}. */
  public List<String> outputNames() {
    return outputNames;
  }

  /** Bytes that a frame has for values, which share them by lifetime. */
  public long arenaBytes() {
    return extents.bytes();
  }

  Extents extents() {
    return extents;
  }

  /** Bytes that a frame has for what steps need for themselves; known once one was opened. */
  public long scratchBytes() {
    return scratchBytes;
  }

  /**
   * Bytes that a lane comes to hold besides when it meets a sequence of so many tokens, at most: of
   * the layer that takes the most, since layers alike have them together.
   */
  public long sequenceBytes(long tokens) {
    return steps.stream().mapToLong(step -> step.sequenceBytes(tokens)).max().orElse(0);
  }

  /** Bytes that the values of a run would take side by side. */
  public long valueBytes() {
    return steps.stream()
        .flatMap(step -> step.outputs().stream())
        .filter(slot -> slot.viewed == null)
        .mapToLong(Slot::bytes)
        .sum();
  }

  /**
   * Steps of heavy work that are done by what is not made for it, such as oneDNN's {@code ref}; a
   * plan that is to be fast has none.
   */
  public List<String> slowKernels() {
    return steps.stream()
        .filter(PlanStep::isSlow)
        .map(step -> step.name() + ": " + step.operation() + " by " + step.implementation())
        .toList();
  }

  List<PlanStep> steps() {
    return steps;
  }

  List<Slot> inputSlots() {
    return inputs;
  }

  List<Slot> outputSlots() {
    return outputs;
  }

  void retain() {
    for (int n = leases.get(); n > 0; n = leases.get()) {
      if (leases.compareAndSet(n, n + 1)) {
        return;
      }
    }
    throw new TensorException(TensorException.Kind.CLOSED, "plan " + name + ": closed");
  }

  void release() {
    if (leases.decrementAndGet() == 0) {
      steps.forEach(PlanStep::close);
      constants.close();
    }
  }

  /** Ends the plan, with its last frame. A second call does nothing. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      release();
    }
  }

  /** The plan in writing: sizes, memory, and one line per step in the order in which they run. */
  @Override
  public String toString() {
    return PlanText.of(this);
  }
}
