package dev.nagare.nn;

import dev.nagare.autograd.Variable;

/**
 * Sigmoid-weighted unit, also called swish: {@code y = x / (1 + e^-x)}.
 *
 * <p>Shapes: {@code S -> S}; the result of a dense operand lies as it does. Dtypes: F32, F64.
 * Gradient: to the operand. Safe for any thread. Source: {@code torch.nn.SiLU}.
 */
public record Silu() implements Layer {

  @Override
  public Variable forward(Variable x) {
    return x.silu();
  }
}
