package dev.nagare.nn;

import dev.nagare.autograd.Variable;

/**
 * {@code y = e^x / Σ e^x} over the last axis.
 *
 * <p>Shapes: {@code [.., C] -> [.., C]}. Dtypes: F32, F64. Gradient: to the operand. Safe for any
 * thread. Errors: a scalar is refused. Source: {@code torch.nn.Softmax} with {@code dim=-1}; for
 * another axis {@code transpose} before and after.
 */
public record Softmax() implements Layer {

  @Override
  public Variable forward(Variable x) {
    return x.softmax();
  }
}
