package dev.nagare.streaming.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.TextFormat;
import dev.nagare.streaming.protocol.wire.ModelInferRequest;
import dev.nagare.streaming.protocol.wire.ModelInferResponse;
import dev.nagare.streaming.protocol.wire.ModelStreamInferResponse;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProtocolMessagesTest {
  private final MemoryPool pool = new MemoryPool("requests", 1 << 20);
  private final ProtocolMessages messages = new ProtocolMessages(new ProtocolJson(pool));

  @AfterEach
  void poolIsEmptyAgain() {
    assertThat(pool.usedBytes()).isZero();
  }

  @Test
  void readsEveryMemberOfARequestWithTypedContents() throws Exception {
    try (InferenceRequest request =
        decode(
            """
            model_name: "m" id: "a1"
            parameters { key: "flag" value { bool_param: true } }
            parameters { key: "whole" value { int64_param: -3 } }
            parameters { key: "text" value { string_param: "x" } }
            parameters { key: "number" value { double_param: 0.5 } }
            parameters { key: "small" value { uint64_param: 7 } }
            parameters { key: "large" value { uint64_param: 18446744073709551615 } }
            inputs { name: "a" datatype: "FP32" shape: [1, 3] contents { fp32_contents: [1, -2.5, inf] } }
            inputs { name: "b" datatype: "INT64" shape: 1 contents { int64_contents: 9007199254740993 } }
            outputs { name: "y" }
            """)) {
      assertThat(request.id()).isEqualTo("a1");
      assertThat(request.parameters())
          .isEqualTo(
              Map.of(
                  "flag",
                  true,
                  "whole",
                  -3L,
                  "text",
                  "x",
                  "number",
                  0.5,
                  "small",
                  7L,
                  "large",
                  new BigInteger("18446744073709551615")));
      assertThat(request.outputs()).containsExactly("y");
      assertThat(input(request, "a").shape()).isEqualTo(Shape.of(1, 3));
      assertThat(input(request, "a").toFloats()).containsExactly(1, -2.5f, Float.POSITIVE_INFINITY);
      assertThat(input(request, "b").getLong(0)).isEqualTo(9007199254740993L);
    }
  }

  @Test
  void leavesTheIdOutIfThereIsNone() throws Exception {
    try (InferenceRequest request = decode(oneInput("FP32", "1", "fp32_contents: 1"))) {
      assertThat(request.id()).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "FP32, 'fp32_contents: [1, 0]', 1, 0",
    "FP64, 'fp64_contents: [1, 0]', 1, 0",
    "INT64, 'int64_contents: [-9, 7]', -9, 7",
    "INT32, 'int_contents: [-9, 7]', -9, 7",
    "UINT8, 'uint_contents: [0, 255]', 0, 255",
    "BOOL, 'bool_contents: [true, false]', 1, 0"
  })
  void readsTypedContentsOfEachDatatype(
      String datatype, String contents, double first, double second) throws Exception {
    try (InferenceRequest request = decode(oneInput(datatype, "2", contents))) {
      Tensor x = input(request, "x");
      assertThat(x.dtype().openInferenceName()).isEqualTo(datatype);
      assertThat(x.get(0)).isEqualTo(first);
      assertThat(x.get(1)).isEqualTo(second);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"FP32", "FP64", "BF16", "INT64", "INT32", "UINT8", "BOOL"})
  void readsRawContentsOfEachDatatypeBitForBit(String datatype) throws Exception {
    DType dtype =
        List.of(DType.values()).stream()
            .filter(type -> type.openInferenceName().equals(datatype))
            .findFirst()
            .orElseThrow();
    byte[] bytes = new byte[6 * dtype.bytes()];
    new Random(7).nextBytes(bytes);
    if (dtype == DType.BOOL) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] &= 1;
      }
    }
    ModelInferRequest message =
        message(oneInput(datatype, "[2, 3]", "")).toBuilder()
            .addRawInputContents(ByteString.copyFrom(bytes))
            .build();
    try (InferenceRequest request = messages.decode(message)) {
      Tensor x = input(request, "x");
      assertThat(x.dtype()).isEqualTo(dtype);
      assertThat(x.shape()).isEqualTo(Shape.of(2, 3));
      ByteBuffer back = ByteBuffer.allocate(bytes.length);
      x.copyTo(back);
      assertThat(back.array()).isEqualTo(bytes);
    }
  }

  @Test
  void readsTensorsWithoutElements() throws Exception {
    ModelInferRequest raw =
        message(oneInput("FP32", "[0, 4]", "")).toBuilder()
            .addRawInputContents(ByteString.EMPTY)
            .build();
    try (InferenceRequest request = messages.decode(raw);
        InferenceRequest typed = decode(oneInput("INT64", "[3, 0]", ""))) {
      assertThat(input(request, "x").shape()).isEqualTo(Shape.of(0, 4));
      assertThat(input(typed, "x").shape()).isEqualTo(Shape.of(3, 0));
    }
  }

  @Test
  void readsRawContentsInTheOrderOfTheInputs() throws Exception {
    ModelInferRequest message =
        message(
                """
                inputs { name: "b" datatype: "UINT8" shape: 1 }
                inputs { name: "a" datatype: "UINT8" shape: 2 }
                """)
            .toBuilder()
            .addRawInputContents(ByteString.copyFrom(new byte[] {1}))
            .addRawInputContents(ByteString.copyFrom(new byte[] {2, 3}))
            .build();
    try (InferenceRequest request = messages.decode(message)) {
      assertThat(input(request, "b").getLong(0)).isEqualTo(1);
      assertThat(input(request, "a").getLong(1)).isEqualTo(3);
    }
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "FP32 | 3 | fp32_contents: [1, 2] | input x: shape [3] has 3 elements, contents have 2",
        "FP32 | 1 | fp64_contents: 1 | input x: elements of FP32 belong in fp32_contents, got others",
        "FP32 | 1 | fp32_contents: 1 int_contents: 1 | belong in fp32_contents, got others",
        "UINT8 | 1 | uint_contents: 256 | input x: uint_contents[0]: expected a whole number from 0 to 255, got 256",
        "BF16 | 1 | fp32_contents: 1 | input x: BF16 has no typed contents; send it as raw_input_contents",
        "FP16 | 1 | fp32_contents: 1 | input x: datatype: expected one of FP32, FP64, BF16, INT64, INT32, UINT8, BOOL, got FP16",
        "BYTES | 1 | bytes_contents: 'a' | input x: datatype: expected one of",
        "FP32 | -1 | fp32_contents: 1 | input x: shape: expected whole numbers from 0 up, got -1",
        "FP32 | [4294967296, 4294967296] | fp32_contents: 1 | has more than 2^31 elements",
        "FP32 | [1,1,1,1,1,1,1,1,1] | fp32_contents: 1 | input x: shape: expected at most 8 sizes",
      })
  void refusesWhatDoesNotFit(String datatype, String shape, String contents, String sentence) {
    assertRefused(oneInput(datatype, shape, contents), 400, sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "id: 'a' | 400 | inputs: expected at least one, got none",
        "inputs { datatype: 'FP32' } | 400 | inputs[0]: name is missing",
        "inputs { name: 'x' datatype: 'FP32' shape: 0 } inputs { name: 'x' } | 400 | inputs: x given twice",
        "inputs { name: 'x' datatype: 'FP32' shape: 0 } outputs { name: 'y' } outputs { name: 'y' } | 400 | outputs: y given twice",
        "inputs { name: 'x' datatype: 'FP32' shape: 0 } outputs { } | 400 | outputs[0]: name is missing",
        "inputs { name: 'x' } parameters { key: 'k' value { } } | 400 | parameter k: expected a string, number or boolean",
        "inputs { name: 'x' parameters { key: 'shared_memory_region' value { string_param: 'r' } } } | 501 | input x: shared memory is not offered here",
        "inputs { name: 'x' datatype: 'UINT8' shape: 1 } raw_input_contents: 'a' raw_input_contents: 'b' | 400 | raw_input_contents: expected one for each of the 1 inputs, got 2",
        "inputs { name: 'x' datatype: 'FP32' shape: 1 } raw_input_contents: 'abc' | 400 | input x: unexpected size: FP32 [1] takes 4 bytes, its raw_input_contents has 3",
        "inputs { name: 'x' datatype: 'UINT8' shape: 1 contents { uint_contents: 1 } } raw_input_contents: 'a' | 400 | input x: expected either contents or raw_input_contents, got both",
        "inputs { name: 'x' datatype: 'BOOL' shape: 2 } raw_input_contents: '\\001\\002' | 400 | input x: BOOL: expected bytes 0 and 1, got 2 at 1",
      })
  void refusesMessagesThatContradictThemselves(String text, int status, String sentence) {
    assertRefused(text, status, sentence);
  }

  @Test
  void saysThatTheMemoryIsInUse() throws Exception {
    byte[] large = new byte[1 << 20];
    ModelInferRequest message =
        message(oneInput("UINT8", Integer.toString(large.length), "")).toBuilder()
            .addRawInputContents(ByteString.copyFrom(large))
            .build();
    assertThatThrownBy(() -> messages.decode(message))
        .isInstanceOfSatisfying(
            ProtocolException.class, e -> assertThat(e.status()).isEqualTo(429));
  }

  @Test
  void refusesCountlessMembersBeforeItMakesObjectsOfThem() {
    byte[] inputs = new byte[1 << 20];
    for (int i = 0; i < inputs.length; i += 2) {
      inputs[i] = 5 << 3 | 2; // an empty input
    }
    assertThatThrownBy(() -> ProtocolMessages.parse(ByteString.copyFrom(inputs)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("at most 1024 inputs, outputs and parameters");
  }

  @Test
  void writesRawContentsOnlyAndEveryDatatypeBitForBit() throws Exception {
    float[] floats = {1.5f, Float.NaN, Float.NEGATIVE_INFINITY};
    var response =
        new InferenceResponse(
            "m",
            "12",
            "a1",
            Map.of("lineage_offset", 40L, "partition", 3, "fresh", true, "share", 0.5, "t", "x"),
            List.of(InferenceResponse.Output.of("y", List.of(1L, 3L), floats)));

    ModelInferResponse message = ModelInferResponse.parseFrom(messages.encode(response));

    assertThat(message.getModelName()).isEqualTo("m");
    assertThat(message.getModelVersion()).isEqualTo("12");
    assertThat(message.getId()).isEqualTo("a1");
    assertThat(message.getParametersOrThrow("lineage_offset").getInt64Param()).isEqualTo(40);
    assertThat(message.getParametersOrThrow("partition").getInt64Param()).isEqualTo(3);
    assertThat(message.getParametersOrThrow("fresh").getBoolParam()).isTrue();
    assertThat(message.getParametersOrThrow("share").getDoubleParam()).isEqualTo(0.5);
    assertThat(message.getParametersOrThrow("t").getStringParam()).isEqualTo("x");
    assertThat(message.getOutputs(0).getName()).isEqualTo("y");
    assertThat(message.getOutputs(0).getDatatype()).isEqualTo("FP32");
    assertThat(message.getOutputs(0).getShapeList()).containsExactly(1L, 3L);
    assertThat(message.getOutputs(0).hasContents()).isFalse();
    ByteBuffer raw = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(floats);
    assertThat(message.getRawOutputContentsList())
        .containsExactly(ByteString.copyFrom(raw.array()));

    var streamed = ModelStreamInferResponse.parseFrom(messages.encodeStreamed(response));
    assertThat(streamed.getErrorMessage()).isEmpty();
    assertThat(streamed.getInferResponse()).isEqualTo(message);
  }

  private void assertRefused(String text, int status, String sentence) {
    assertThatThrownBy(() -> decode(text))
        .isInstanceOfSatisfying(
            ProtocolException.class, e -> assertThat(e.status()).isEqualTo(status))
        .hasMessageContaining(sentence);
  }

  private static String oneInput(String datatype, String shape, String contents) {
    return "inputs { name: 'x' datatype: '%s' shape: %s contents { %s } }"
        .formatted(datatype, shape, contents);
  }

  private InferenceRequest decode(String text) {
    return messages.decode(message(text));
  }

  private static ModelInferRequest message(String text) {
    try {
      return ProtocolMessages.parse(TextFormat.parse(text, ModelInferRequest.class).toByteString());
    } catch (TextFormat.ParseException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  private static Tensor input(InferenceRequest request, String name) {
    return request.inputs().stream()
        .filter(input -> input.name().equals(name))
        .findFirst()
        .orElseThrow()
        .data();
  }
}
