package dev.nagare.graph.plan;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A plan as one lane runs it: its arena and the arguments of its kernels.
 *
 * <p>The caller fills the {@link #input inputs}, {@link #run runs}, and reads the {@link #output
 * outputs}, which are what they are until the next run. A run allocates nothing, but for the first
 * one with other weights. One thread at a time; only {@link #use} may be called by any thread.
 * Frames of one plan run side by side.
 */
public final class Frame implements AutoCloseable {
  private final Plan plan;
  private final FrameMemory memory;
  private final List<PlanStep.Running> opened = new ArrayList<>();
  private final PlanStep.Running[][] steps;
  private final Schedule schedule;
  private final List<Tensor> inputs = new ArrayList<>();
  private final List<Tensor> outputs = new ArrayList<>();
  private final AtomicReference<@Nullable PackedWeights> next = new AtomicReference<>();
  private @Nullable PackedWeights current;

  /** What the steps are set up for, whether or not there is a lease of it. */
  private @Nullable PackedWeights followed;

  private @Nullable Sequences sequences;

  @SuppressWarnings("this-escape") // nobody sees it before it is complete
  Frame(Plan plan, PackedWeights weights, @Nullable Gang gang, @Nullable Tensor work) {
    this.plan = plan;
    plan.retain();
    memory = memory(plan, work);
    try {
      steps = new PlanStep.Running[plan.steps().size()][];
      for (int i = 0; i < steps.length; i++) {
        PlanStep step = plan.steps().get(i);
        steps[i] = new PlanStep.Running[step.parts()];
        for (int part = 0; part < steps[i].length; part++) {
          steps[i][part] = step.open(memory, part);
          opened.add(steps[i][part]);
        }
      }
      schedule = new Schedule(steps, gang);
      plan.inputSlots().forEach(slot -> inputs.add(memory.tensor(slot)));
      plan.outputSlots().forEach(slot -> outputs.add(memory.tensor(slot)));
      use(weights);
      follow();
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private static FrameMemory memory(Plan plan, @Nullable Tensor work) {
    try {
      return new FrameMemory(
          "plan " + plan.name(), plan.extents(), work, plan.options().lanes(), plan.scratchBytes());
    } catch (RuntimeException | Error e) {
      plan.release();
      throw e;
    }
  }

  /** The tensor to be filled for an input of the graph, counted from 0. */
  public Tensor input(int index) {
    return inputs.get(index);
  }

  /** The same by name. */
  public Tensor input(String name) {
    return inputs.get(index("input", plan.inputNames(), name));
  }

  /** An input by name, or null if there is none of that name. */
  @Nullable Tensor find(String name) {
    int index = plan.inputNames().indexOf(name);
    return index < 0 ? null : inputs.get(index);
  }

  /** The tensor that holds an output after a run, counted from 0. */
  public Tensor output(int index) {
    return outputs.get(index);
  }

  /** The same by name. */
  public Tensor output(String name) {
    return outputs.get(index("output", plan.outputNames(), name));
  }

  private int index(String what, List<String> names, String name) {
    int index = names.indexOf(name);
    if (index < 0) {
      throw TensorException.mismatch(
          "plan " + plan.name() + ": no " + what + " " + name + ", expected one of " + names);
    }
    return index;
  }

  /** Says where sequences lie in it, if it is of a graph of tokens; made once. */
  public Sequences sequences() {
    Sequences made = sequences;
    if (made == null) {
      made = new Sequences(this);
      sequences = made;
    }
    return made;
  }

  /** Computes the outputs from what the inputs hold. */
  public void run() {
    if (next.getPlain() != null) {
      follow();
    }
    if (current == null || current != followed) {
      throw closedWeights();
    }
    schedule.run();
  }

  /**
   * Computes with other weights from the next run on.
   *
   * @param weights of the same plan; a lease is taken
   */
  public void use(PackedWeights weights) {
    if (!useIfOpen(weights)) {
      throw closedWeights();
    }
  }

  /** The same; false if the weights were closed, and nothing is changed. */
  boolean useIfOpen(PackedWeights weights) {
    if (!weights.isOf(plan)) {
      throw TensorException.mismatch(
          "plan " + plan.name() + ": expected weights packed by this plan, not by another one");
    }
    if (!weights.retain()) {
      return false;
    }
    release(next.getAndSet(weights));
    return true;
  }

  /** What it computes with now; null if nothing. */
  @Nullable PackedWeights weights() {
    return current;
  }

  private TensorException closedWeights() {
    return new TensorException(
        TensorException.Kind.CLOSED, "plan " + plan.name() + ": the weights were closed");
  }

  /**
   * Gives its leases of weights back: it does not run until it was told to {@link #use} some. To be
   * called where it runs.
   */
  void letGo() {
    release(next.getAndSet(null));
    PackedWeights before = current;
    current = null;
    release(before);
  }

  private void follow() {
    PackedWeights weights = next.getAndSet(null);
    if (weights == null) {
      return;
    }
    if (weights != followed) {
      setUp(weights);
    }
    PackedWeights before = current;
    current = weights;
    release(before);
  }

  private static void release(@Nullable PackedWeights weights) {
    if (weights != null) {
      weights.release();
    }
  }

  private void setUp(PackedWeights weights) {
    followed = null; // should a step fail, all are set up anew
    try {
      for (PlanStep.Running step : opened) {
        step.use(weights);
      }
    } catch (RuntimeException | Error e) {
      weights.release();
      throw e;
    }
    followed = weights;
  }

  /** The version of the weights that the last run computed with. */
  public long version() {
    PackedWeights weights = current;
    return weights == null ? -1 : weights.version();
  }

  /** Runs several times, all parts on the calling thread, and tells where the time goes. */
  public Profile profile(int runs) {
    long[][] nanos = new long[steps.length][runs];
    for (int run = 0; run < runs; run++) {
      for (int i = 0; i < steps.length; i++) {
        long start = System.nanoTime();
        for (PlanStep.Running part : steps[i]) {
          part.run();
        }
        nanos[i][run] = System.nanoTime() - start;
      }
    }
    return Profile.of(plan, nanos);
  }

  Plan plan() {
    return plan;
  }

  long scratchPeak() {
    return memory.scratchPeak();
  }

  /** Gives everything back; the tensors become invalid. A second call does nothing. */
  @Override
  public void close() {
    if (memory.isClosed()) {
      return;
    }
    opened.forEach(PlanStep.Running::close);
    memory.close();
    letGo();
    plan.release();
  }
}
