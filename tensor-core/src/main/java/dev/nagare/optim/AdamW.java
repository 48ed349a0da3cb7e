package dev.nagare.optim;

import dev.nagare.nn.Parameter;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;

/**
 * Adam with decoupled decay: {@code p = (1 - learningRate · weightDecay) · p}, then Adam's step.
 *
 * <p>Decay does not pass through the moments, so it is the same for parameters with large and with
 * small gradients. State as in {@link Adam}. Source: Loshchilov and Hutter (2019); {@code
 * torch.optim.AdamW} without AMSGrad.
 */
public final class AdamW extends Adam {
  /** PyTorch's decay. */
  public static final double DEFAULT_WEIGHT_DECAY = 0.01;

  /** Creates the optimizer with the default betas and decay. */
  public AdamW(Kernels kernels, List<Parameter> parameters, ProcessMemory memory) {
    this(
        kernels,
        memory,
        Betas.DEFAULT,
        ParameterGroup.of(parameters).withWeightDecay(DEFAULT_WEIGHT_DECAY));
  }

  /** Creates the optimizer with groups of parameters, each with its own decay. */
  public AdamW(Kernels kernels, ProcessMemory memory, Betas betas, ParameterGroup... groups) {
    super("adamw", kernels, memory, betas, List.of(groups));
  }

  @Override
  boolean isDecoupled() {
    return true;
  }
}
