package dev.nagare.optim;

import dev.nagare.nn.Parameter;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;

/**
 * Stochastic gradient descent, plain, with momentum or with Nesterov's; see {@link Kernels#sgd} for
 * the formula.
 *
 * <p>A group's weight decay is an L2 term, added to the gradient. The first gradient enters the
 * velocity undampened, as in PyTorch. State: a velocity per parameter, none without momentum.
 * Source: Sutskever et al. (2013); {@code torch.optim.SGD}.
 */
public final class Sgd extends Optimizer {
  private final Options options;
  private final List<List<Tensor>> state;

  /**
   * How gradients become a velocity.
   *
   * @param momentum decay of the velocity, in [0, 1); 0 for none
   * @param dampening by how much less than 1 a gradient counts, in [0, 1]
   * @param nesterov whether a step looks ahead; wants momentum and no dampening
   */
  public record Options(double momentum, double dampening, boolean nesterov) {
    /** PyTorch's: no velocity. */
    public static final Options PLAIN = new Options(0, 0, false);

    public Options {
      if (!(momentum >= 0 && momentum < 1 && dampening >= 0 && dampening <= 1)) {
        throw new IllegalArgumentException(
            "sgd: expected momentum in [0, 1) and dampening in [0, 1], got "
                + momentum
                + " and "
                + dampening);
      }
      if (nesterov && (momentum == 0 || dampening != 0)) {
        throw new IllegalArgumentException(
            "sgd: nesterov expected momentum > 0 and dampening 0, got "
                + momentum
                + " and "
                + dampening);
      }
    }

    /** Classical momentum without dampening. */
    public static Options momentum(double momentum) {
      return new Options(momentum, 0, false);
    }

    /** Nesterov's momentum. */
    public static Options nesterov(double momentum) {
      return new Options(momentum, 0, true);
    }
  }

  /** Creates the optimizer without decay; velocities go to {@code memory}. */
  public Sgd(Kernels kernels, List<Parameter> parameters, ProcessMemory memory, Options options) {
    this(kernels, memory, options, ParameterGroup.of(parameters));
  }

  /** Creates the optimizer with groups of parameters; velocities go to {@code memory}. */
  public Sgd(Kernels kernels, ProcessMemory memory, Options options, ParameterGroup... groups) {
    super("sgd", kernels, List.of(groups));
    this.options = options;
    this.state = options.momentum == 0 ? List.of() : List.of(zeros(memory));
  }

  @Override
  void update(int first, int end, double rate, double weightDecay, double gradientScale) {
    var step =
        new Kernels.SgdStep(
            rate,
            options.momentum,
            steps() == 1 ? 1 : 1 - options.dampening,
            options.nesterov,
            weightDecay,
            gradientScale);
    for (int i = first; i < end; i++) {
      Parameter parameter = parameters().get(i);
      Tensor velocity = state.isEmpty() ? null : state.getFirst().get(i);
      kernels.sgd(parameter.value(), parameter.gradient(), velocity, step);
    }
  }

  @Override
  List<List<Tensor>> state() {
    return state;
  }

  /** Velocities, one per parameter, none without momentum; live, for checkpoints and copies. */
  public List<Tensor> velocities() {
    return state.isEmpty() ? List.of() : state.getFirst();
  }
}
