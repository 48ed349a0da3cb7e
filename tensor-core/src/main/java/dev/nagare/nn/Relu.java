package dev.nagare.nn;

import dev.nagare.autograd.Variable;

/**
 * Rectifier: {@code y = max(x, 0)}.
 *
 * <p>Shapes: {@code S -> S}; the result of a dense operand lies as it does. Dtypes: F32, F64.
 * Gradient: to the operand; at 0 it is 0. Safe for any thread. Source: {@code torch.nn.ReLU}.
 */
public record Relu() implements Layer {

  @Override
  public Variable forward(Variable x) {
    return x.relu();
  }
}
