package dev.nagare.optim;

import dev.nagare.io.TensorBytes;
import dev.nagare.nn.Parameter;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Moves parameters against their gradients, each {@link ParameterGroup} with its own rate factor
 * and decay.
 *
 * <p>The learning rate is an argument of the step, since a {@link
 * dev.nagare.optim.schedule.LearningRate} is a function of {@link #steps()}. State: tensors like
 * the parameters, in process memory that its owner closes, and the number of steps; {@link #save}
 * and {@link #load} keep its exact bits. Not thread-safe. Counterpart: {@code
 * torch.optim.Optimizer}, whose step leaves the gradients to be zeroed by the caller.
 */
public abstract sealed class Optimizer permits Adam, Sgd {
  final Kernels kernels;
  private final String name;
  private final List<ParameterGroup> groups;
  private final List<Parameter> parameters = new ArrayList<>();
  private long steps;

  Optimizer(String name, Kernels kernels, List<ParameterGroup> groups) {
    this.name = name;
    this.kernels = kernels;
    this.groups = List.copyOf(groups);
    Set<Parameter> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (ParameterGroup group : groups) {
      for (Parameter parameter : group.parameters()) {
        if (!seen.add(parameter)) {
          throw new IllegalArgumentException(
              name + ": expected every parameter once, got twice: " + parameter);
        }
        parameters.add(parameter);
      }
    }
  }

  /**
   * Takes one step and sets the gradients to zero for the next.
   *
   * @param learningRate of this step, before the groups' factors
   * @param gradientScale factor on every gradient, 1 for none: see {@link ClipNorm#scale}
   */
  public final void step(double learningRate, double gradientScale) {
    steps++;
    int first = 0;
    for (int i = 0; i < groups.size(); i++) {
      ParameterGroup group = groups.get(i);
      int end = first + group.parameters().size();
      update(first, end, learningRate * group.rateFactor(), group.weightDecay(), gradientScale);
      first = end;
    }
    zeroGradients();
  }

  /** Takes one step with the gradients as they are. */
  public final void step(double learningRate) {
    step(learningRate, 1);
  }

  /** Moves the parameters of one group, those from {@code first} to {@code end - 1}. */
  abstract void update(int first, int end, double rate, double weightDecay, double gradientScale);

  /** State by kind, each a list with one tensor per parameter. */
  abstract List<List<Tensor>> state();

  /** Sets all gradients to zero: what a step that is skipped must do. */
  public final void zeroGradients() {
    for (int i = 0; i < parameters.size(); i++) {
      parameters.get(i).gradient().zero();
    }
  }

  /** All parameters, group after group. */
  public final List<Parameter> parameters() {
    return Collections.unmodifiableList(parameters);
  }

  /** Steps taken. */
  public final long steps() {
    return steps;
  }

  /** Sets the number of steps taken: with the state's tensors, all there is to restore. */
  public final void restoreSteps(long taken) {
    if (taken < 0) {
      throw new IllegalArgumentException(name + ": steps must be 0 or more, got " + taken);
    }
    steps = taken;
  }

  /** Writes the number of steps, then the state of each parameter. */
  public final void save(DataOutput out) throws IOException {
    List<List<Tensor>> kinds = state();
    out.writeLong(steps);
    for (int i = 0; i < parameters.size(); i++) {
      for (List<Tensor> kind : kinds) {
        TensorBytes.write(kind.get(i), out);
      }
    }
  }

  /**
   * Reads what {@link #save} wrote for parameters of the same shapes.
   *
   * @throws IOException if it was written for others, or the input ends early
   */
  public final void load(DataInput in) throws IOException {
    long taken = in.readLong();
    if (taken < 0) {
      throw new IOException(name + ": expected steps of 0 or more, found " + taken);
    }
    List<List<Tensor>> kinds = state();
    steps = taken;
    for (int i = 0; i < parameters.size(); i++) {
      for (List<Tensor> kind : kinds) {
        TensorBytes.read(kind.get(i), in);
      }
    }
  }

  /** Zeros like each parameter. */
  final List<Tensor> zeros(ProcessMemory memory) {
    List<Tensor> zeros = new ArrayList<>();
    for (Parameter parameter : parameters) {
      zeros.add(memory.zeros(parameter.value().dtype(), parameter.value().shape()));
    }
    return Collections.unmodifiableList(zeros);
  }
}
