package dev.nagare.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BFloat16Test {
  private static final long SEED = 20261125;

  @Test
  void everyNumberOf16BitsSurvivesTheWayThere() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = BFloat16.toFloat((short) bits);
      if (Float.isNaN(value)) {
        assertThat(BFloat16.toFloat(BFloat16.of(value))).isNaN();
        assertThat(BFloat16.toFloat(BFloat16.of((double) value))).isNaN();
      } else {
        assertThat(BFloat16.of(value)).isEqualTo((short) bits);
        assertThat(BFloat16.of((double) value)).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void aTieGoesToTheEvenNeighbour() {
    assertThat(BFloat16.toFloat(BFloat16.of(1f + 0x1p-8f))).isEqualTo(1f);
    assertThat(BFloat16.toFloat(BFloat16.of(1f + 0x3p-8f))).isEqualTo(1f + 0x1p-6f);
    assertThat(BFloat16.toFloat(BFloat16.of(-1f - 0x1p-8f))).isEqualTo(-1f);
    assertThat(BFloat16.toFloat(BFloat16.of(Float.MAX_VALUE))).isInfinite();
    assertThat(BFloat16.toFloat(BFloat16.of(-Double.MAX_VALUE))).isEqualTo(-1f / 0);
  }

  @Test
  void doublesAndLongsAreRoundedOnce() {
    // Rounded to f32 first, both would fall on the tie and from there to the even neighbour.
    assertThat(BFloat16.toFloat(BFloat16.of(1 + 0x1p-8 + 0x1p-40))).isEqualTo(1f + 0x1p-7f);
    assertThat(BFloat16.toFloat(BFloat16.of(1 + 0x3p-8 - 0x1p-40))).isEqualTo(1f + 0x1p-7f);
    long tie = (1L << 62) + (1L << 54);
    assertThat(BFloat16.toFloat(BFloat16.of(tie))).isEqualTo(0x1p62f);
    assertThat(BFloat16.toFloat(BFloat16.of(tie + 1))).isEqualTo(0x1p62f * (1 + 0x1p-7f));
    assertThat(BFloat16.toFloat(BFloat16.of(-tie - 1))).isEqualTo(-0x1p62f * (1 + 0x1p-7f));
    assertThat(BFloat16.toFloat(BFloat16.of(-tie + 1))).isEqualTo(-0x1p62f);
    assertThat(BFloat16.toFloat(BFloat16.of(Long.MAX_VALUE))).isEqualTo(0x1p63f);
    assertThat(BFloat16.toFloat(BFloat16.of(Long.MIN_VALUE))).isEqualTo(-0x1p63f);
  }

  @Test
  void noOtherNumberIsNearer() {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < 100_000; i++) {
      double value = Math.scalb(random.nextDouble() - 0.5, random.nextInt(-140, 127));
      short bits = BFloat16.of(value);
      assertNearest(new BigDecimal(value), bits);
      long whole = random.nextLong() >> random.nextInt(63);
      assertNearest(new BigDecimal(whole), BFloat16.of(whole));
    }
  }

  private static void assertNearest(BigDecimal value, short bits) {
    BigDecimal chosen = new BigDecimal(BFloat16.toFloat(bits));
    BigDecimal error = value.subtract(chosen).abs();
    for (int step = -1; step <= 1; step += 2) {
      float neighbour = BFloat16.toFloat((short) (bits + step));
      if (Float.isFinite(neighbour)) {
        int than = error.compareTo(value.subtract(new BigDecimal(neighbour)).abs());
        assertThat(than).as("%s to %s", value, chosen).isLessThanOrEqualTo(0);
        if (than == 0) {
          assertThat(bits & 1).as("%s is a tie", value).isZero();
        }
      }
    }
  }
}
