package dev.nagare.optim;

import dev.nagare.nn.Parameter;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;

/**
 * Clipping by value: each element of each gradient is brought into {@code [-limit, limit]}, which
 * may turn the gradient's direction; {@link ClipNorm} does not. An element that is not a number
 * stays so. Source: {@code torch.nn.utils.clip_grad_value_}.
 *
 * @param limit largest magnitude, more than 0
 */
public record ClipValue(double limit) {

  public ClipValue {
    if (!(limit > 0)) {
      throw new IllegalArgumentException("clip value: must be more than 0, got " + limit);
    }
  }

  /** Clips the gradients in place, before a step's factor on them. */
  public void apply(Kernels kernels, List<Parameter> parameters) {
    for (int i = 0; i < parameters.size(); i++) {
      kernels.clip(limit, parameters.get(i).gradient());
    }
  }
}
