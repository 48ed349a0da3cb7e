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
import java.util.List;

/**
 * Adam with bias correction; see {@link Kernels#adam} for the formula.
 *
 * <p>State: two moments per parameter, in process memory, and the number of steps. {@link #save}
 * and {@link #load} keep its exact bits. Not thread-safe. Source: Kingma and Ba (2015); {@code
 * torch.optim.Adam} without weight decay and AMSGrad.
 */
public final class Adam {
  private final Kernels kernels;
  private final List<Parameter> parameters;
  private final List<Tensor> firstMoments = new ArrayList<>();
  private final List<Tensor> secondMoments = new ArrayList<>();
  private final Betas betas;
  private long steps;

  /**
   * Decay rates and the term under the fraction.
   *
   * @param beta1 of the first moment, in [0, 1)
   * @param beta2 of the second moment, in [0, 1)
   * @param epsilon added to the root, more than 0
   */
  public record Betas(double beta1, double beta2, double epsilon) {
    /** Those of the paper, and of PyTorch. */
    public static final Betas DEFAULT = new Betas(0.9, 0.999, 1e-8);

    public Betas {
      if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon > 0)) {
        throw new IllegalArgumentException(
            "adam: expected betas in [0, 1) and epsilon > 0, got "
                + beta1
                + ", "
                + beta2
                + ", "
                + epsilon);
      }
    }
  }

  /** Creates the optimizer with the default betas. */
  public Adam(Kernels kernels, List<Parameter> parameters, ProcessMemory memory) {
    this(kernels, parameters, memory, Betas.DEFAULT);
  }

  /** Creates the optimizer; the moments go to {@code memory}, which its owner closes. */
  public Adam(Kernels kernels, List<Parameter> parameters, ProcessMemory memory, Betas betas) {
    this.kernels = kernels;
    this.parameters = List.copyOf(parameters);
    this.betas = betas;
    for (Parameter parameter : parameters) {
      Tensor value = parameter.value();
      firstMoments.add(memory.zeros(value.dtype(), value.shape()));
      secondMoments.add(memory.zeros(value.dtype(), value.shape()));
    }
  }

  /**
   * Takes one step and sets the gradients to zero for the next.
   *
   * @param learningRate of this step
   * @param gradientScale factor on every gradient, 1 for none: see {@link ClipNorm#scale}
   */
  public void step(double learningRate, double gradientScale) {
    steps++;
    var step =
        new Kernels.AdamStep(
            learningRate,
            betas.beta1,
            betas.beta2,
            betas.epsilon,
            1 - StrictMath.pow(betas.beta1, (double) steps),
            1 - StrictMath.pow(betas.beta2, (double) steps),
            gradientScale);
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      kernels.adam(
          parameter.value(), parameter.gradient(), firstMoments.get(i), secondMoments.get(i), step);
    }
    zeroGradients();
  }

  /** Sets all gradients to zero: what a step that is skipped must do. */
  public void zeroGradients() {
    for (int i = 0; i < parameters.size(); i++) {
      parameters.get(i).gradient().zero();
    }
  }

  /** Steps taken. */
  public long steps() {
    return steps;
  }

  /** First moments, one per parameter; live, for checkpoints and copies. */
  public List<Tensor> firstMoments() {
    return Collections.unmodifiableList(firstMoments);
  }

  /** Second moments, one per parameter; live, for checkpoints and copies. */
  public List<Tensor> secondMoments() {
    return Collections.unmodifiableList(secondMoments);
  }

  /** Sets the number of steps taken: with the moments, all there is to restore. */
  public void restoreSteps(long taken) {
    if (taken < 0) {
      throw new IllegalArgumentException("adam: steps must be 0 or more, got " + taken);
    }
    steps = taken;
  }

  /** Writes moments and step count. */
  public void save(DataOutput out) throws IOException {
    out.writeLong(steps);
    for (int i = 0; i < parameters.size(); i++) {
      TensorBytes.write(firstMoments.get(i), out);
      TensorBytes.write(secondMoments.get(i), out);
    }
  }

  /** Reads what {@link #save} wrote for parameters of the same shapes. */
  public void load(DataInput in) throws IOException {
    steps = in.readLong();
    for (int i = 0; i < parameters.size(); i++) {
      TensorBytes.read(firstMoments.get(i), in);
      TensorBytes.read(secondMoments.get(i), in);
    }
  }
}
