package dev.nagare.streaming.codec;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalTextTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "0e999",
        "1",
        "16777217",
        "16777219",
        // Just beside the middle of two floats, which the nearest double cannot tell from it.
        "1.000000059604644775390626",
        "1.000000059604644775390624",
        "9007199254740993",
        "179769313486231570000000000000000000000000000000000000000000",
        "1e22",
        "1e23",
        "1e-22",
        "3.4028235e38",
        "3.4028236e38",
        "1e400",
        "1e-400",
        "1.17549435e-38",
        "7.006492321624085e-46",
        "1e-45",
        "123456789012345678901234567890",
        "0.000000000000000000000000000001",
        "1e00000000000000000000000000001"
      })
  void givesTheNearestNumber(String text) {
    assertNearest(text);
    assertNearest("-" + text.replace("-0", "0"));
  }

  @Test
  void givesTheNearestNumberForAnyText() {
    long seed = System.nanoTime();
    System.out.println("DecimalTextTest seed " + seed);
    var random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      float number = Float.intBitsToFloat(random.nextInt());
      if (Float.isFinite(number)) {
        assertNearest(Float.toString(number));
        float next = Math.nextUp(number);
        if (Float.isFinite(next)) {
          BigDecimal middle =
              new BigDecimal(number).add(new BigDecimal(next)).divide(BigDecimal.valueOf(2));
          assertNearest(middle.toString());
          assertNearest(middle.toPlainString() + (middle.scale() > 0 ? "1" : ".1"));
        }
      }
      assertNearest(random.nextInt(100_000) + "." + random.nextInt(1_000_000));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "+",
        ".",
        "-.",
        "e5",
        "1e",
        "1e+",
        "1e5.0",
        "1.2.3",
        "1 2",
        "NaN",
        "Infinity",
        "0x1p3",
        "1f",
        "1d",
        "1_000",
        "--1",
        "½"
      })
  void knowsWhatIsNoNumber(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    assertThat(DecimalText.isNumber(bytes, 0, bytes.length)).isFalse();
  }

  private static void assertNearest(String text) {
    byte[] bytes = (" " + text + ",").getBytes(US_ASCII);
    int to = bytes.length - 1;
    assertThat(DecimalText.isNumber(bytes, 1, to)).as(text).isTrue();
    assertThat(Float.floatToRawIntBits(DecimalText.toFloat(bytes, 1, to)))
        .as(text)
        .isEqualTo(Float.floatToRawIntBits(Float.parseFloat(text)));
    assertThat(Double.doubleToRawLongBits(DecimalText.toDouble(bytes, 1, to)))
        .as(text)
        .isEqualTo(Double.doubleToRawLongBits(Double.parseDouble(text)));
  }
}
