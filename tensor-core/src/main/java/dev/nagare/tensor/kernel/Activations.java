package dev.nagare.tensor.kernel;

import dev.nagare.tensor.Tensor;
import java.util.Locale;

/**
 * Activation functions with more to them than {@link Kernels.Unary}, element by element.
 *
 * <p>Arguments are contiguous, of one shape and one dtype, F32 or F64. Nothing is allocated per
 * call; any number of threads may call with tensors of their own; an element's bits depend on that
 * element alone. What is not a number stays so. Source: PyTorch's {@code
 * torch.nn.functional.leaky_relu}, {@code gelu}, {@code silu}, {@code hardswish}.
 *
 * <p>F32 errors, against the exact function: GELU and SiLU within 8 units in the last place of the
 * result, GELU's tanh form within 8 and one more for each unit of its exponent; slopes within 8
 * units in the last place of 1; 1e-35 is added to each.
 */
public interface Activations {

  /** {@code y = f(x)}; y may be x. */
  void forward(Function f, Tensor x, Tensor y);

  /** {@code dx += dy · f'(x)}; dx overlaps nothing. */
  void backward(Function f, Tensor x, Tensor dy, Tensor dx);

  /** {@code y = x > 0 ? x : slope · x}; y may be x. */
  void leakyRelu(double slope, Tensor x, Tensor y);

  /** {@code dx += x > 0 ? dy : slope · dy}; dx overlaps nothing. */
  void leakyReluBackward(double slope, Tensor x, Tensor dy, Tensor dx);

  /** Functions of one argument without a parameter. */
  enum Function {
    /** {@code x · Φ(x)}, Φ being the normal distribution's, {@code (1 + erf(x / √2)) / 2}. */
    GELU,
    /** {@code x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))) / 2}, close to {@link #GELU}. */
    GELU_TANH,
    /** {@code x / (1 + e^-x)}. */
    SILU,
    /** {@code x · min(max(x + 3, 0), 6) / 6}; the slope is 0 at -3 and 1 at 3. */
    HARD_SWISH;

    private final String op = name().toLowerCase(Locale.ROOT);

    /** Name in errors. */
    public String op() {
      return op;
    }
  }
}
