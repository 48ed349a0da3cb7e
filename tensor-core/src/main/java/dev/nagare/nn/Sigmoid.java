package dev.nagare.nn;

import dev.nagare.autograd.Variable;

/**
 * Logistic function: {@code y = 1 / (1 + e^-x)}.
 *
 * <p>Shapes: {@code S -> S}; the result of a dense operand lies as it does. Dtypes: F32, F64.
 * Gradient: to the operand. Safe for any thread. Source: {@code torch.nn.Sigmoid}.
 */
public record Sigmoid() implements Layer {

  @Override
  public Variable forward(Variable x) {
    return x.sigmoid();
  }
}
