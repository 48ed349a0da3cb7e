package dev.nagare.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class NormalF32Test {
  /** A prime: the steps through all floats meet every exponent and many mantissas. */
  private static final int STRIDE = 4099;

  /** Below it the share is less than the smallest normal float. */
  private static final float LOWEST = -12.9f;

  @Test
  void theShareIsWithinFiveUlpWhereItIsANormalNumber() {
    double worst = 0;
    for (long bits = 0; bits < 1L << 32; bits += STRIDE) {
      float x = Float.intBitsToFloat((int) bits);
      if (x >= LOWEST) {
        double expected = NormalF64.share(x);
        double ulp = Math.ulp((float) expected);
        worst = Math.max(worst, Math.abs(share(x) - expected) / ulp);
      }
    }
    assertThat(worst).isLessThanOrEqualTo(5);
  }

  @Test
  void theErrorFunctionIsWithinFourUlp() {
    double worst = 0;
    for (long bits = 0; bits < 1L << 32; bits += STRIDE) {
      float x = Float.intBitsToFloat((int) bits);
      if (Math.abs(x) >= Float.MIN_NORMAL) {
        double expected = NormalF64.erf(x);
        double ulp = Math.ulp((float) expected);
        worst = Math.max(worst, Math.abs(NormalF32.erf(x) - expected) / ulp);
      }
    }
    assertThat(worst).isLessThanOrEqualTo(4);
    assertThat(NormalF32.erf(-0f)).isEqualTo(-0f);
    assertThat(NormalF32.erf(Float.NEGATIVE_INFINITY)).isEqualTo(-1);
    assertThat(NormalF32.erf(Float.NaN)).isNaN();
  }

  @Test
  void theShareFadesToZeroAndEndsAtOne() {
    assertThat(share(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(share(-20)).isZero();
    assertThat(share(-14)).isBetween(0f, Float.MIN_NORMAL);
    assertThat(share(0)).isEqualTo(0.5f);
    assertThat(share(6)).isEqualTo(1);
    assertThat(share(Float.POSITIVE_INFINITY)).isEqualTo(1);
    assertThat(share(Float.NaN)).isNaN();
  }

  /** From tables of the normal distribution, which know more digits than an f64. */
  @Test
  void theReferenceAgreesWithTables() {
    double[][] table = {
      {-8, 6.220960574271786e-16},
      {-5, 2.866515718791939e-7},
      {-2.5, 6.209665325776135e-3},
      {-1, 1.586552539314571e-1},
      {0, 0.5},
      {0.5, 6.914624612740131e-1},
      {3, 9.986501019683699e-1}
    };
    for (double[] row : table) {
      assertThat(NormalF64.share(row[0])).isCloseTo(row[1], within(1e-13 * row[1]));
    }
    assertThat(NormalF64.erf(1)).isCloseTo(0.8427007929497149, within(1e-15));
    assertThat(NormalF64.erf(-0.001)).isCloseTo(-0.0011283787909692363, within(1e-18));
    assertThat(1 - NormalF64.erf(2)).isCloseTo(0.004677734981047266, within(1e-15));
    assertThat(NormalF64.density(1)).isCloseTo(0.2419707245191434, within(1e-15));
  }

  private static float share(float x) {
    return NormalF32.share(x, NormalF32.bell(x));
  }
}
