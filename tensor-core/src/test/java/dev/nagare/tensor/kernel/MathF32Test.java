package dev.nagare.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class MathF32Test {
  /** A prime: the steps through all floats meet every exponent and many mantissas. */
  private static final int STRIDE = 4099;

  @Test
  void expIsWithinTwoUlpFromUnderflowToOverflow() {
    assertThat(worst(MathF32::exp, Math::exp, -104, 88.72f)).isLessThanOrEqualTo(2);
    assertThat(MathF32.exp(88.73f)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(MathF32.exp(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(MathF32.exp(-104)).isZero();
    assertThat(MathF32.exp(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(MathF32.exp(0)).isEqualTo(1);
    assertThat(MathF32.exp(Float.NaN)).isNaN();
  }

  @Test
  void sigmoidIsWithinThreeUlpAndEndsNearZero() {
    assertThat(worst(MathF32::sigmoid, x -> 1 / (1 + Math.exp(-x)), -87, Float.MAX_VALUE))
        .isLessThanOrEqualTo(3);
    assertThat(MathF32.sigmoid(-1000)).isBetween(0f, 1.7e-38f);
    assertThat(MathF32.sigmoid(Float.NEGATIVE_INFINITY)).isBetween(0f, 1.7e-38f);
    assertThat(MathF32.sigmoid(Float.POSITIVE_INFINITY)).isEqualTo(1);
    assertThat(MathF32.sigmoid(0)).isEqualTo(0.5f);
    assertThat(MathF32.sigmoid(Float.NaN)).isNaN();
  }

  @Test
  void tanhIsWithinThreeUlpAndOdd() {
    assertThat(worst(MathF32::tanh, Math::tanh, -Float.MAX_VALUE, Float.MAX_VALUE))
        .isLessThanOrEqualTo(3);
    assertThat(MathF32.tanh(Float.POSITIVE_INFINITY)).isEqualTo(1);
    assertThat(MathF32.tanh(Float.NEGATIVE_INFINITY)).isEqualTo(-1);
    assertThat(Float.floatToRawIntBits(MathF32.tanh(-0f))).isEqualTo(0x80000000);
    assertThat(MathF32.tanh(-0.7f)).isEqualTo(-MathF32.tanh(0.7f));
    assertThat(MathF32.tanh(Float.NaN)).isNaN();
  }

  @Test
  void powIsRoundedOnceButForOneInThousands() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 1_000_000; i++) {
      float a = Float.intBitsToFloat(random.nextInt() & Integer.MAX_VALUE);
      float b = (float) random.nextDouble(-4, 4);
      double exact = StrictMath.pow(a, b);
      double error = Math.abs(MathF32.pow(a, b) - exact) / Math.ulp((float) exact);
      if (Float.isFinite((float) exact)) {
        assertThat(error).as("%s ^ %s, case %s of seed 5", a, b, i).isLessThanOrEqualTo(0.50001);
      }
    }
  }

  @Test
  void powHasJavasSpecialCases() {
    float inf = Float.POSITIVE_INFINITY;
    float[] values = {
      0,
      -0f,
      1,
      -1,
      2,
      -2,
      3,
      -3,
      0.5f,
      -0.5f,
      2.5f,
      -2.5f,
      0x1p23f + 1,
      0x1p24f,
      0x1p31f,
      inf,
      -inf,
      Float.NaN,
      Float.MIN_VALUE,
      -Float.MIN_VALUE,
      Float.MAX_VALUE,
      -Float.MAX_VALUE
    };
    for (float a : values) {
      for (float b : values) {
        assertThat(MathF32.pow(a, b))
            .as("%s ^ %s", a, b)
            .isEqualTo(Float.valueOf((float) StrictMath.pow(a, b)));
      }
    }
  }

  /** Largest distance in units of the last place of the exact result. */
  private static double worst(FloatFunction ours, DoubleUnaryOperator exact, float from, float to) {
    double worst = 0;
    for (long bits = 0; bits < 1L << 32; bits += STRIDE) {
      float x = Float.intBitsToFloat((int) bits);
      if (x >= from && x <= to) {
        double expected = exact.applyAsDouble(x);
        double ulp = Math.ulp((float) expected);
        worst = Math.max(worst, Math.abs(ours.of(x) - expected) / ulp);
      }
    }
    return worst;
  }

  private interface FloatFunction {
    float of(float x);
  }
}
