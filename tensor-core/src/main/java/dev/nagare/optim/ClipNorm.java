package dev.nagare.optim;

import dev.nagare.nn.Parameter;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;

/**
 * Clipping by the global norm: all gradients together keep their direction and get at most this
 * length. The factor goes into the optimizer's step, which saves a pass over the gradients.
 *
 * <p>Source: Pascanu, Mikolov and Bengio (2013); {@code torch.nn.utils.clip_grad_norm_}, with its
 * 1e-6.
 *
 * @param maxNorm largest norm, more than 0
 */
public record ClipNorm(double maxNorm) {
  private static final double EPSILON = 1e-6;

  public ClipNorm {
    if (!(maxNorm > 0)) {
      throw new IllegalArgumentException("clip norm: must be more than 0, got " + maxNorm);
    }
  }

  /** Norm of all gradients as one vector; not finite if one of them is not. */
  public static double norm(Kernels kernels, List<Parameter> parameters) {
    double squares = 0;
    for (int i = 0; i < parameters.size(); i++) {
      squares += kernels.sumOfSquares(parameters.get(i).gradient());
    }
    return Math.sqrt(squares);
  }

  /** Factor that brings gradients of this norm to at most {@link #maxNorm}. */
  public double scale(double norm) {
    return Math.min(1, maxNorm / (norm + EPSILON));
  }
}
