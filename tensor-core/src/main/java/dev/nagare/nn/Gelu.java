package dev.nagare.nn;

import dev.nagare.autograd.Variable;

/**
 * Gaussian error linear unit: {@code y = x · (1 + erf(x / √2)) / 2}, or {@code x · (1 + tanh(√(2/π)
 * · (x + 0.044715 · x³))) / 2}.
 *
 * <p>Shapes: {@code S -> S}; the result of a dense operand lies as it does. Dtypes: F32, F64.
 * Gradient: to the operand. Safe for any thread. Source: Hendrycks and Gimpel (2016); {@code
 * torch.nn.GELU}.
 *
 * @param tanh whether it is the form with the hyperbolic tangent, PyTorch's {@code
 *     approximate='tanh'}
 */
public record Gelu(boolean tanh) implements Layer {

  /** The form with the error function. */
  public Gelu() {
    this(false);
  }

  @Override
  public Variable forward(Variable x) {
    return x.gelu(tanh);
  }
}
