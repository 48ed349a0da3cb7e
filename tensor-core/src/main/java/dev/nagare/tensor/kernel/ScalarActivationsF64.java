package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getDouble;
import static dev.nagare.tensor.kernel.Addresses.setDouble;

/** F64 activations, one element at a time, as they are written down. */
final class ScalarActivationsF64 implements ActivationLoops {
  private static final double ROOT = Math.sqrt(2 / Math.PI);
  private static final double CUBIC = 0.044715;

  @Override
  public void forward(Activations.Function f, long x, long y, long n) {
    for (long i = 0; i < n; i++) {
      double v = getDouble(x, i);
      double result =
          switch (f) {
            case GELU -> v * NormalF64.share(v);
            case GELU_TANH -> 0.5 * v * (1 + bend(v));
            case SILU -> v / (1 + StrictMath.exp(-v));
            case HARD_SWISH -> v * clamp(v + 3) / 6;
          };
      setDouble(y, i, result);
    }
  }

  @Override
  public void backward(Activations.Function f, long x, long dy, long dx, long n) {
    for (long i = 0; i < n; i++) {
      double slope = slope(f, getDouble(x, i));
      setDouble(dx, i, Math.fma(getDouble(dy, i), slope, getDouble(dx, i)));
    }
  }

  private static double slope(Activations.Function f, double v) {
    return switch (f) {
      case GELU -> Math.fma(v, NormalF64.density(v), NormalF64.share(v));
      case GELU_TANH -> {
        double tanh = bend(v);
        double inner = ROOT * (1 + 3 * CUBIC * v * v);
        yield 0.5 * (1 + tanh) + 0.5 * v * (1 - tanh * tanh) * inner;
      }
      case SILU -> {
        double share = 1 / (1 + StrictMath.exp(-v));
        yield share * (1 + v * (1 - share));
      }
      case HARD_SWISH -> v <= -3 ? 0 : v >= 3 ? 1 : v / 3 + 0.5;
    };
  }

  private static double bend(double v) {
    return StrictMath.tanh(ROOT * (v + CUBIC * v * v * v));
  }

  /** To [0, 6]; what is not a number stays so. */
  private static double clamp(double v) {
    return v < 0 ? 0 : v > 6 ? 6 : v;
  }

  @Override
  public void leakyRelu(double slope, long x, long y, long n) {
    for (long i = 0; i < n; i++) {
      double v = getDouble(x, i);
      setDouble(y, i, v > 0 ? v : slope * v);
    }
  }

  @Override
  public void leakyReluBackward(double slope, long x, long dy, long dx, long n) {
    for (long i = 0; i < n; i++) {
      double factor = getDouble(x, i) > 0 ? 1 : slope;
      setDouble(dx, i, Math.fma(getDouble(dy, i), factor, getDouble(dx, i)));
    }
  }
}
