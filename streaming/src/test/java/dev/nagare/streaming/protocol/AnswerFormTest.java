package dev.nagare.streaming.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.streaming.protocol.InferenceResponse.Output;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.MemoryPool;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AnswerFormTest {
  private static final int ELEMENTS = 5_000;

  private final ProtocolJson json = new ProtocolJson(new MemoryPool("requests", 1 << 20));

  @ParameterizedTest
  @EnumSource(names = "BF16", mode = EnumSource.Mode.EXCLUDE) // it has no form in JSON
  void noNumberIsLongerInJsonThanItIsSaidToBeAtMost(DType dtype) {
    long seed = new Random().nextLong();
    System.out.println("AnswerFormTest: seed " + seed);
    byte[] data = new byte[ELEMENTS * dtype.bytes()];
    new Random(seed).nextBytes(data);
    String text = new String(json.encode(answer(dtype, data), AnswerForm.JSON).json(), UTF_8);
    int numbers = text.length() - text.indexOf("\"data\":[") - "\"data\":[]".length();
    assertThat(AnswerForm.JSON.bytes("y", dtype, ELEMENTS))
        .as("seed %d", seed)
        .isGreaterThanOrEqualTo(numbers - "}]}".length())
        .isGreaterThan(data.length);
    assertThat(AnswerForm.BINARY.bytes("y", dtype, ELEMENTS)).isEqualTo(data.length);
  }

  @Test
  void outputsThatSayOtherwiseCountOtherwise() {
    var form = new AnswerForm(false, List.of(new AnswerForm.Named("y", true, 0)));
    assertThat(form.bytes("y", DType.F32, 10)).isEqualTo(40);
    assertThat(form.bytes("z", DType.F32, 10)).isEqualTo(160);
    assertThat(form.hasJson()).isFalse();
    assertThat(AnswerForm.JSON.hasJson()).isTrue();
    assertThat(AnswerForm.BINARY.hasJson()).isFalse();
  }

  @Test
  void moreThanCanBeCountedIsTheMost() {
    assertThat(AnswerForm.JSON.bytes("y", DType.F32, Long.MAX_VALUE / 2)).isEqualTo(Long.MAX_VALUE);
  }

  private static InferenceResponse answer(DType dtype, byte[] data) {
    var output = new Output("y", dtype, List.of((long) ELEMENTS), data);
    return new InferenceResponse("m", "1", null, Map.of(), List.of(output));
  }
}
