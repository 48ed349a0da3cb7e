package dev.nagare.nn;

import dev.nagare.autograd.Variable;

/**
 * Swish of straight lines and a parabola: {@code y = x · min(max(x + 3, 0), 6) / 6}.
 *
 * <p>Shapes: {@code S -> S}; the result of a dense operand lies as it does. Dtypes: F32, F64.
 * Gradient: to the operand; at -3 it is 0 and at 3 it is 1. Safe for any thread. Source: {@code
 * torch.nn.Hardswish}.
 */
public record HardSwish() implements Layer {

  @Override
  public Variable forward(Variable x) {
    return x.hardSwish();
  }
}
