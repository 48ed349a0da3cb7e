package dev.nagare.loadtest.bench.serve;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenVectorsTest {

  private static byte[] floats(int before, float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(before + 4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(before);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  @Test
  void whatStandsBeforeTheVectorsDoesNotCount() {
    for (TokenVectors alike : TokenVectors.values()) {
      assertThatCode(() -> alike.require(List.of(floats(7, 1, 2)), List.of(floats(0, 1, 2))))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void halfTheBitsMayRoundAndNothingElseMay() {
    List<byte[]> peer = List.of(floats(0, 1, 2, 3), floats(0, 1, 0, -1));
    List<byte[]> rounded = List.of(floats(0, 1, 2, 3), floats(0, 1.01f, 0, -0.99f));
    assertThatCode(() -> TokenVectors.BF16.require(rounded, peer)).doesNotThrowAnyException();
    assertThatThrownBy(() -> TokenVectors.F32.require(rounded, peer))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("F32: the answers to sentence 1 differ 10.0 times");
    List<byte[]> turned = List.of(floats(0, 1, 2, 3), floats(0, 1, 0.1f, -1));
    assertThatThrownBy(() -> TokenVectors.BF16.require(turned, peer))
        .hasMessageContaining("BF16: the answers to sentence 1");
  }

  @Test
  void whatIsNoNumberOrTooShortIsNoAgreement() {
    List<byte[]> peer = List.of(floats(0, 1, 2));
    for (TokenVectors alike : TokenVectors.values()) {
      assertThatThrownBy(() -> alike.require(List.of(floats(0, 1, Float.NaN)), peer))
          .hasMessageContaining("no rate counts");
      assertThatThrownBy(() -> alike.require(List.of(floats(0, 1)), peer))
          .hasMessageContaining("too short");
    }
  }
}
