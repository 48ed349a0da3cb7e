package dev.nagare.tensor.kernel;

/** One step of {@link Recurrent#gruForward} for one row, once the gates are activated. */
interface GruCell {

  /** {@code h = fma(z, hBefore - n, n)}. */
  void forward(long gates, long hBefore, long h, int hidden);

  /**
   * Gates to the gradient of their entry in place, and u to its gradient; {@code dhBefore = fma(dh,
   * z, dhBefore)}.
   */
  void backward(long gates, long inner, long hBefore, long dh, long dhBefore, int hidden);
}
