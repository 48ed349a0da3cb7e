package dev.nagare.tensor.kernel;

import dev.nagare.tensor.Tensor;

/**
 * Softmax and its logarithm over the last axis, F32 or F64, rank 1 or more.
 *
 * <p>Less its largest element, no row overflows. A row of -∞ alone, or with something that is not a
 * number in it, gives what is not a number, as in PyTorch. A row's bits do not depend on the other
 * rows. Backwards add to {@code dx}.
 */
public interface Softmax {

  /** {@code out = e^x / Σ e^x}, row by row; {@code out} may be {@code x}. */
  void forward(Tensor x, Tensor out);

  /** {@code dx += y · (dy - Σ y · dy)}, given the forward's result. */
  void backward(Tensor y, Tensor dy, Tensor dx);

  /** {@code out = x - ln Σ e^x}, row by row. */
  void logForward(Tensor x, Tensor out);

  /** {@code dx += dy - e^y · Σ dy}, given the result of {@link #logForward}. */
  void logBackward(Tensor y, Tensor dy, Tensor dx);
}
