package dev.nagare.tensor;

/**
 * Numbers of 16 bits that are the upper half of an IEEE 754 binary32: sign, 8 bits of exponent, 7
 * of fraction.
 *
 * <p>Rounding is to the nearest, ties to even, once: an f64 is not first rounded to an f32. What is
 * not a number stays so, with its sign. Counterpart: {@code torch.bfloat16}.
 */
public final class BFloat16 {
  private static final int QUIET = 0x40;

  private BFloat16() {}

  /** The number that these bits are; exact. */
  public static float toFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** The bits of the nearest number. */
  public static short of(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | QUIET);
    }
    // Half of the last place, less one where the last bit is even: a tie goes up only from odd.
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  /** The bits of the nearest number. */
  public static short of(double value) {
    float near = (float) value;
    if (near == value || Float.isNaN(near) || Float.isInfinite(near)) {
      return of(near);
    }
    // To odd: the last bit remembers that something was cut, so that the second rounding errs not.
    int bits = Float.floatToRawIntBits(near);
    int cut = Math.abs((double) near) > Math.abs(value) ? bits - 1 : bits;
    return of(Float.intBitsToFloat(cut | 1));
  }

  /** The bits of the nearest number. */
  public static short of(long value) {
    if (value == (long) (double) value && value != Long.MAX_VALUE) {
      return of((double) value);
    }
    // As above: the lowest bit that an f64 holds for certain stands for those below it.
    long odd = (value & -2048) | ((value & 2047) == 0 ? 0 : 2048);
    return of((double) odd);
  }
}
