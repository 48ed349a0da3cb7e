package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.Addresses.setFloat;

/**
 * F32 activations, one element at a time: the bits that {@link VectorActivationsF32} has, and its
 * last elements (the methods with {@code from}).
 */
final class ScalarActivationsF32 implements ActivationLoops {
  // tanh(u) is 2σ(2u) - 1, so the tanh form is x · σ(2u).
  /** 2 · √(2/π). */
  static final float LINEAR = 0x1.988454p0f;

  /** 0.044715 · 2 · √(2/π). */
  static final float CUBIC = 0x1.2444f2p-4f;

  static final float SLOPE_CUBIC = 3 * CUBIC;

  /** Beyond it the tanh form's slope is 0 or 1; e^-2u is finite up to here. */
  static final float FLAT = 10;

  static final float THIRD = 1 / 3f;
  static final float SIXTH = 1 / 6f;

  @Override
  public void forward(Activations.Function f, long x, long y, long n) {
    forward(f, x, y, 0, n);
  }

  void forward(Activations.Function f, long x, long y, long from, long n) {
    for (long i = from; i < n; i++) {
      float v = getFloat(x, i);
      float result =
          switch (f) {
            case GELU -> v * NormalF32.share(v, NormalF32.bell(v));
            case GELU_TANH -> v * share(v * Math.fma(CUBIC, v * v, LINEAR));
            case SILU -> v * share(v);
            case HARD_SWISH -> v * (limit(v + 3f, 0f, 6f) * SIXTH);
          };
      setFloat(y, i, result);
    }
  }

  @Override
  public void backward(Activations.Function f, long x, long dy, long dx, long n) {
    backward(f, x, dy, dx, 0, n);
  }

  void backward(Activations.Function f, long x, long dy, long dx, long from, long n) {
    for (long i = from; i < n; i++) {
      float slope = slope(f, getFloat(x, i));
      setFloat(dx, i, Math.fma(getFloat(dy, i), slope, getFloat(dx, i)));
    }
  }

  private static float slope(Activations.Function f, float v) {
    return switch (f) {
      case GELU -> {
        float bell = NormalF32.bell(v);
        yield Math.fma(v, NormalF32.DENSITY * bell, NormalF32.share(v, bell));
      }
      case GELU_TANH -> {
        float near = limit(v, -FLAT, FLAT);
        float square = near * near;
        float power = MathF32.exp(0f - near * Math.fma(CUBIC, square, LINEAR));
        float share = 1f / (power + 1f);
        float inner = near * Math.fma(SLOPE_CUBIC, square, LINEAR);
        yield Math.fma(share * power * share, inner, share);
      }
      case SILU -> {
        float share = share(v);
        yield share * Math.fma(v, 1f - share, 1f);
      }
      case HARD_SWISH -> v <= -3f ? 0f : v >= 3f ? 1f : Math.fma(v, THIRD, 0.5f);
    };
  }

  /** {@link MathF32#sigmoid} that goes on to fall below -87. */
  private static float share(float v) {
    return 1f / (MathF32.exp(0f - v) + 1f);
  }

  /** What is not a number stays so. */
  private static float limit(float v, float low, float high) {
    return v < low ? low : v > high ? high : v;
  }

  @Override
  public void leakyRelu(double slope, long x, long y, long n) {
    leakyRelu((float) slope, x, y, 0, n);
  }

  void leakyRelu(float slope, long x, long y, long from, long n) {
    for (long i = from; i < n; i++) {
      float v = getFloat(x, i);
      setFloat(y, i, v > 0f ? v : slope * v);
    }
  }

  @Override
  public void leakyReluBackward(double slope, long x, long dy, long dx, long n) {
    leakyReluBackward((float) slope, x, dy, dx, 0, n);
  }

  void leakyReluBackward(float slope, long x, long dy, long dx, long from, long n) {
    for (long i = from; i < n; i++) {
      float factor = getFloat(x, i) > 0f ? 1f : slope;
      setFloat(dx, i, Math.fma(getFloat(dy, i), factor, getFloat(dx, i)));
    }
  }
}
