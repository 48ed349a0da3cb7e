package dev.nagare.tensor.kernel;

import dev.nagare.tensor.Tensor;

/**
 * Layer normalisation over the last axis, F32 or F64:
 *
 * <pre>
 * mean = Σ x / C      rstd = 1 / √(Σ (x - mean)² / C + ε)
 * x̂ = (x - mean) · rstd      out = x̂ · gamma + beta
 * </pre>
 *
 * <p>The variance is that of the row itself, without Bessel's correction, with ε inside the root,
 * as in PyTorch; it is taken in a second pass, so that a large mean costs no digits. A row's bits
 * do not depend on the other rows.
 */
public interface LayerNorm {

  /**
   * Normalises the rows.
   *
   * @param x {@code [.., C]}, C at least 1
   * @param gamma {@code [C]}
   * @param beta {@code [C]}
   * @param epsilon 0 or more
   * @param out as x, receives the result
   * @param normal as x, receives {@code x̂}, which the backward needs
   * @param rstd as many elements as x has rows, receives each row's
   */
  void forward(
      Tensor x, Tensor gamma, Tensor beta, double epsilon, Tensor out, Tensor normal, Tensor rstd);

  /**
   * Adds {@code rstd · (g - Σ g / C - x̂ · Σ g x̂ / C)} for {@code g = dy · gamma} to {@code dx}.
   *
   * @param normal as the forward left it
   * @param rstd as the forward left it
   * @param gamma as in the forward
   * @param dy gradient with respect to the result
   * @param dx as x: the gradient is added
   */
  void backward(Tensor normal, Tensor rstd, Tensor gamma, Tensor dy, Tensor dx);

  /**
   * Adds, over the rows in order, {@code dy · x̂} to {@code dGamma} and {@code dy} to {@code
   * dBeta}.
   *
   * @param normal as the forward left it
   * @param dy gradient with respect to the result
   * @param dGamma {@code [C]}
   * @param dBeta {@code [C]}
   */
  void backwardParameters(Tensor normal, Tensor dy, Tensor dGamma, Tensor dBeta);
}
