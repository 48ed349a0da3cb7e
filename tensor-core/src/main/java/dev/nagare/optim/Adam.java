package dev.nagare.optim;

import dev.nagare.nn.Parameter;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;

/**
 * Adam with bias correction; see {@link Kernels#adam} for the formula.
 *
 * <p>A group's weight decay is an L2 term: it is added to the gradient and so passes through the
 * moments; see {@link AdamW} for the other kind. State: two moments per parameter. Source: Kingma
 * and Ba (2015); {@code torch.optim.Adam} without AMSGrad.
 */
public sealed class Adam extends Optimizer permits AdamW {
  private final List<Tensor> firstMoments;
  private final List<Tensor> secondMoments;
  private final Betas betas;

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

  /** Creates the optimizer with the default betas and no decay. */
  public Adam(Kernels kernels, List<Parameter> parameters, ProcessMemory memory) {
    this(kernels, parameters, memory, Betas.DEFAULT);
  }

  /** Creates the optimizer without decay; the moments go to {@code memory}. */
  public Adam(Kernels kernels, List<Parameter> parameters, ProcessMemory memory, Betas betas) {
    this(kernels, memory, betas, ParameterGroup.of(parameters));
  }

  /** Creates the optimizer with groups of parameters; the moments go to {@code memory}. */
  public Adam(Kernels kernels, ProcessMemory memory, Betas betas, ParameterGroup... groups) {
    this("adam", kernels, memory, betas, List.of(groups));
  }

  Adam(
      String name,
      Kernels kernels,
      ProcessMemory memory,
      Betas betas,
      List<ParameterGroup> groups) {
    super(name, kernels, groups);
    this.betas = betas;
    this.firstMoments = zeros(memory);
    this.secondMoments = zeros(memory);
  }

  @Override
  final void update(int first, int end, double rate, double weightDecay, double gradientScale) {
    double taken = (double) steps();
    var step =
        new Kernels.AdamStep(
            rate,
            betas.beta1,
            betas.beta2,
            betas.epsilon,
            1 - StrictMath.pow(betas.beta1, taken),
            1 - StrictMath.pow(betas.beta2, taken),
            gradientScale,
            isDecoupled() ? 0 : weightDecay,
            isDecoupled() ? 1 - rate * weightDecay : 1);
    for (int i = first; i < end; i++) {
      Parameter parameter = parameters().get(i);
      kernels.adam(
          parameter.value(), parameter.gradient(), firstMoments.get(i), secondMoments.get(i), step);
    }
  }

  /** Whether decay acts on the parameter and not on its gradient. */
  boolean isDecoupled() {
    return false;
  }

  @Override
  final List<List<Tensor>> state() {
    return List.of(firstMoments, secondMoments);
  }

  /** First moments, one per parameter; live, for checkpoints and copies. */
  public final List<Tensor> firstMoments() {
    return firstMoments;
  }

  /** Second moments, one per parameter; live, for checkpoints and copies. */
  public final List<Tensor> secondMoments() {
    return secondMoments;
  }
}
