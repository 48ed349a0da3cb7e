package dev.nagare.nn;

import dev.nagare.autograd.Variable;

/**
 * Rectifier that leaks: {@code y = x > 0 ? x : negativeSlope · x}.
 *
 * <p>Shapes: {@code S -> S}; the result of a dense operand lies as it does. Dtypes: F32, F64.
 * Gradient: to the operand; at 0 it is the slope. Safe for any thread. Source: {@code
 * torch.nn.LeakyReLU}.
 *
 * @param negativeSlope factor on what is not positive
 */
public record LeakyRelu(double negativeSlope) implements Layer {

  /** With PyTorch's slope, 0.01. */
  public LeakyRelu() {
    this(0.01);
  }

  @Override
  public Variable forward(Variable x) {
    return x.leakyRelu(negativeSlope);
  }
}
