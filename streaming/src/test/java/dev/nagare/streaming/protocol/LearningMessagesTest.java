package dev.nagare.streaming.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.TextFormat;
import dev.nagare.streaming.protocol.wire.LabelsRequest;
import dev.nagare.streaming.protocol.wire.LearnRequest;
import dev.nagare.streaming.protocol.wire.LearnResponse;
import dev.nagare.streaming.protocol.wire.ModelInferRequest.InferInputTensor;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LearningMessagesTest {
  private final MemoryPool pool = new MemoryPool("requests", 1 << 20);
  private final ProtocolJson json = new ProtocolJson(pool);

  @AfterEach
  void poolIsEmptyAgain() {
    assertThat(pool.usedBytes()).isZero();
  }

  @Test
  void anEventBecomesTheRequestThatTheOtherDoorsAreSent() throws Exception {
    assertThat(
            event(
                """
                model_name: "up" id: "e-3"
                inputs { name: "row" datatype: "FP32" shape: [1, 2] contents { fp32_contents: [0.3, 1] } }
                inputs { name: "label" datatype: "INT64" shape: 1 contents { int64_contents: 1 } }
                """))
        .isEqualTo(
            "{\"id\":\"e-3\",\"inputs\":["
                + "{\"name\":\"row\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[0.3,1.0]},"
                + "{\"name\":\"label\",\"datatype\":\"INT64\",\"shape\":[1],\"data\":[1]}]}");
  }

  @ParameterizedTest
  @CsvSource({
    "FP64, fp64_contents: 0.1, 0.1",
    "INT32, int_contents: -7, -7",
    "INT64, int64_contents: 9007199254740993, 9007199254740993",
    "UINT8, uint_contents: 255, 255",
    "BOOL, bool_contents: true, 1"
  })
  void numbersOfOtherDatatypesAreWrittenForTheModelToRefuse(
      String datatype, String contents, String number) throws Exception {
    assertThat(
            event(
                "inputs { name: \"row\" datatype: \"%s\" shape: 1 contents { %s } }"
                    .formatted(datatype, contents)))
        .isEqualTo(
            "{\"inputs\":[{\"name\":\"row\",\"datatype\":\"%s\",\"shape\":[1],\"data\":[%s]}]}"
                .formatted(datatype, number));
  }

  @Test
  void everyFiniteNumberKeepsItsBitsOnTheWayIntoTheLog() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    var random = new Random(seed);
    int rounds = 2000;
    int[] bits = new int[rounds];
    ByteBuffer raw = ByteBuffer.allocate(rounds * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < rounds; i++) {
      float value;
      do {
        value = Float.intBitsToFloat(i == 0 ? 0x80000000 : i == 1 ? 1 : random.nextInt());
      } while (!Float.isFinite(value));
      bits[i] = Float.floatToRawIntBits(value);
      raw.putInt(bits[i]);
    }
    LearnRequest request =
        LearnRequest.newBuilder()
            .setModelName("up")
            .addInputs(
                InferInputTensor.newBuilder()
                    .setName("row")
                    .setDatatype("FP32")
                    .addShape(1)
                    .addShape(rounds))
            .addRawInputContents(ByteString.copyFrom(raw.array()))
            .build();
    byte[] written = LearningMessages.event(request, json);
    try (InferenceRequest read = json.decode(written, "up", "label")) {
      Tensor row = read.inputs().getFirst().data();
      assertThat(row.shape().toArray()).containsExactly(1, rounds);
      float[] values = row.toFloats();
      for (int i = 0; i < rounds; i++) {
        assertThat(Float.floatToRawIntBits(values[i])).as("value " + i).isEqualTo(bits[i]);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fp32_contents: [1, nan] | input row: expected a finite number, got NaN at 1",
        "fp32_contents: [-inf, 1] | input row: expected a finite number, got -Infinity at 0",
        "fp32_contents: 1 | input row: shape [2] has 2 elements, contents have 1",
        "int64_contents: [1, 2] | input row"
      })
  void aTensorThatIsNoneIsRefused(String contents, String sentence) {
    assertThatThrownBy(
            () ->
                event(
                    "inputs { name: \"row\" datatype: \"FP32\" shape: 2 contents { %s } }"
                        .formatted(contents)))
        .isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.status()).isEqualTo(400))
        .hasMessageContaining(sentence);
  }

  @Test
  void labelsBecomeTheListThatTheOtherDoorsAreSent() throws Exception {
    LabelsRequest labels =
        TextFormat.parse(
            "labels { id: \"late.predictions-0-0\" label: 1 } labels { id: \"x\\\"\" label: [0, -1] }"
                + " labels { }",
            LabelsRequest.class);
    assertThat(new String(LearningMessages.labels(labels), UTF_8))
        .isEqualTo(
            "{\"labels\":[{\"id\":\"late.predictions-0-0\",\"label\":[1]},"
                + "{\"id\":\"x\\\"\",\"label\":[0,-1]},{\"id\":\"\",\"label\":[]}]}");
  }

  @Test
  void messagesThatWouldTakeTheHeapAreRefusedBeforeTheyAreRead() {
    LearnRequest.Builder inputs = LearnRequest.newBuilder();
    LabelsRequest.Builder labels = LabelsRequest.newBuilder();
    for (int i = 0; i <= MessageParser.MOST_MEMBERS; i++) {
      inputs.addInputs(InferInputTensor.getDefaultInstance());
      labels.addLabels(LabelsRequest.Label.getDefaultInstance());
    }
    assertRefused(
        () -> LearningMessages.parseEvent(inputs.build().toByteString()),
        400,
        "inputs: expected a row and its label, got too many");
    assertRefused(
        () -> LearningMessages.parseLabels(labels.build().toByteString()),
        413,
        "labels: expected at most 1000 in a call, got more");
    labels.removeLabels(0);
    assertThat(LearningMessages.parseLabels(labels.build().toByteString()).getLabelsCount())
        .isEqualTo(MessageParser.MOST_MEMBERS);
  }

  @Test
  void whatIsNoMessageIsRefusedByItsName() {
    ByteString none = ByteString.copyFrom(new byte[] {(byte) 0xff, 1});
    assertRefused(() -> LearningMessages.parseEvent(none), 400, "not a LearnRequest: ");
    assertRefused(() -> LearningMessages.parseLabels(none), 400, "not a LabelsRequest: ");
  }

  @Test
  void anAnswerKeepsItsParametersAndItsTensor() {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("receipt", "up.requests-0-3");
    parameters.put("learned", true);
    parameters.put("scored", 4L);
    parameters.put("score", 0.5);
    LearnResponse message =
        LearningMessages.learned(
            new InferenceResponse(
                "up",
                "1",
                "e-3",
                parameters,
                List.of(
                    InferenceResponse.Output.of(
                        "probabilities", List.of(1L, 2L), new float[] {1, 2}))));
    assertThat(message.getModelName()).isEqualTo("up");
    assertThat(message.getModelVersion()).isEqualTo("1");
    assertThat(message.getId()).isEqualTo("e-3");
    assertThat(message.getParametersOrThrow("receipt").getStringParam())
        .isEqualTo("up.requests-0-3");
    assertThat(message.getParametersOrThrow("learned").getBoolParam()).isTrue();
    assertThat(message.getParametersOrThrow("scored").getInt64Param()).isEqualTo(4);
    assertThat(message.getParametersOrThrow("score").getDoubleParam()).isEqualTo(0.5);
    assertThat(message.getOutputs(0).getShapeList()).containsExactly(1L, 2L);
    assertThat(message.getRawOutputContents(0))
        .isEqualTo(ByteString.copyFrom(new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, 0x40}));
  }

  private String event(String text) throws Exception {
    return new String(
        LearningMessages.event(TextFormat.parse(text, LearnRequest.class), json), UTF_8);
  }

  private static void assertRefused(Runnable parse, int status, String sentence) {
    assertThatThrownBy(parse::run)
        .isInstanceOfSatisfying(
            ProtocolException.class, e -> assertThat(e.status()).isEqualTo(status))
        .hasMessageContaining(sentence);
  }
}
