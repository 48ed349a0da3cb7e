package dev.nagare.streaming.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProtocolJsonTest {
  private static final String GOOD =
      """
      {"id": "a1", "parameters": {"priority": 1, "note": "x", "exact": true},
       "inputs": [{"name": "window", "shape": [1, 2, 2], "datatype": "FP32",
                   "parameters": {"k": 1}, "data": [[[1, -2.5], [3e2, 0.1]]]}],
       "outputs": [{"name": "forecast", "parameters": {}}], "later": {"deep": [1, {"er": null}]}}
      """;

  private final MemoryPool pool = new MemoryPool("requests", 1 << 20);
  private final ProtocolJson json = new ProtocolJson(pool);

  @AfterEach
  void poolIsEmptyAgain() {
    assertThat(pool.usedBytes()).isZero();
  }

  @Test
  void readsEveryMember() {
    try (InferenceRequest request = decode(GOOD)) {
      assertThat(request.id()).isEqualTo("a1");
      assertThat(request.parameters()).isEqualTo(Map.of("priority", 1, "note", "x", "exact", true));
      assertThat(request.outputs()).containsExactly("forecast");
      TensorData window = request.inputs().getFirst();
      assertThat(window.name()).isEqualTo("window");
      assertThat(window.data().shape()).isEqualTo(Shape.of(1, 2, 2));
      assertThat(window.data().toFloats()).containsExactly(1f, -2.5f, 300f, 0.1f);
    }
  }

  @Test
  void readsFlatDataThatComesBeforeItsShape() {
    try (InferenceRequest request =
        decode(
            """
            {"inputs": [{"data": [1, 2, 3, 4], "datatype": "FP32", "shape": [2, 2], "name": "a"},
                        {"data": [5], "shape": [1], "name": "b", "datatype": "FP32"}]}
            """)) {
      assertThat(request.inputs().get(0).data().toFloats()).containsExactly(1f, 2f, 3f, 4f);
      assertThat(request.inputs().get(1).data().toFloats()).containsExactly(5f);
      assertThat(request.id()).isNull();
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          INT64 | [9007199254740993, -1]
          INT32 | [2147483647, -2147483648]
          UINT8 | [0, 255]
          BOOL  | [true, false]
          FP64  | [0.1, -1e300]
          """)
  void readsEveryDatatypeExactlyWhereverItStands(String datatype, String data) {
    String type = "\"datatype\": \"" + datatype + "\", ";
    String values = "\"data\": " + data + ", ";
    for (String members : List.of(type + values, values + type)) {
      String input = "{" + members + "\"name\": \"a\", \"shape\": [2]}";
      try (InferenceRequest request = decode("{\"inputs\": [" + input + "]}")) {
        Tensor tensor = request.inputs().getFirst().data();
        assertThat(tensor.dtype().openInferenceName()).isEqualTo(datatype);
        List<String> elements = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          elements.add(
              switch (tensor.dtype()) {
                case F64 -> Double.toString(tensor.get(i)).replace("-1.0E300", "-1e300");
                case BOOL -> Boolean.toString(tensor.getLong(i) != 0);
                default -> Long.toString(tensor.getLong(i));
              });
        }
        assertThat(elements).hasToString(data);
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          INT64 | 1.5        | a whole number that INT64 holds
          INT64 | 9223372036854775808 | a whole number that INT64 holds
          INT32 | 2147483648 | a whole number that INT32 holds
          UINT8 | 256        | a whole number from 0 to 255
          UINT8 | -1         | a whole number from 0 to 255
          BOOL  | 2          | true or false
          FP64  | 1e309      | a finite FP64 number
          """)
  void refusesElementsThatTheirDatatypeCannotHold(String datatype, String element, String wanted) {
    String text =
        "{\"name\": \"a\", \"datatype\": \"%s\", \"shape\": [1], \"data\": [%s]}"
            .formatted(datatype, element);
    refused(
        "{\"inputs\": [" + text + "]}",
        "input a: data[0]: expected " + wanted + ", got " + element);
  }

  @Test
  void roundsNumbersToFloatOnce() {
    // Rounded to double first, this would be the float above.
    try (InferenceRequest request = decode(oneInput("[1]", "[1.00000005960464477540]"))) {
      assertThat(request.inputs().getFirst().data().toFloats())
          .containsExactly(Float.parseFloat("1.00000005960464477540"));
    }
  }

  @ParameterizedTest(name = "refusal {index}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"inputs": [}                       | malformed JSON: line 1, column 13
          {"inputs": []                       | malformed JSON: line 1, column
          ''                                  | request: expected an object, got the end
          []                                  | request: expected an object, got an array at line 1, column 1
          {}                                  | inputs: expected at least one, got none
          {"inputs": []}                      | inputs: expected at least one, got none
          {"inputs": 3}                       | inputs: expected an array, got 3 at line 1, column 12
          {"inputs": [3]}                     | inputs[0]: expected an object, got 3
          {"id": 7, "inputs": []}             | id: expected a string, got 7
          {"parameters": {"a": []}}           | parameter a: expected a string, number or boolean, got an array
          {"outputs": [{}]}                   | outputs[0]: name is missing
          {"inputs": [{"name": "a"}]}         | input a: datatype is missing
          {"inputs": [{"datatype": "INT64"}]} | inputs[0]: data is missing
          {"inputs": [{"datatype": "INT16"}]} | inputs[0]: datatype: expected one of FP32, FP64, INT64, INT32, UINT8, BOOL, BF16, got INT16
          {"inputs": [{"name": "a", "shape": [-1]}]}    | input a: shape: expected whole numbers from 0 up, got -1
          {"inputs": [{"name": "a", "shape": [1.5]}]}   | input a: shape: expected whole numbers from 0 up, got 1.5
          {"inputs": [{"name": "a", "data": "x"}]}      | input a: data: expected an array, got a string
          {"inputs": [{"name": "a", "data": [1, "x"]}]} | input a: data[1]: expected a finite FP32 number, got a string
          {"inputs": [{"name": "a", "data": [null]}]}   | input a: data[0]: expected a finite FP32 number, got null
          {"inputs": [{"name": "a", "data": [NaN]}]}    | input a: data[0]: expected a finite FP32 number, got NaN
          {"inputs": [{"name": "a", "data": [-Infinity]}]}  | input a: data[0]: expected a finite FP32 number, got -Infinity
          {"inputs": [{"name": "a", "data": [1, 1e39]}]}    | input a: data[1]: expected a finite FP32 number, got 1e39
          {"inputs": [{"name": "a", "data": [[1], 2]}]}     | input a: data[1]: expected an array, got 2
          {"inputs": [{"name": "a", "data": [1, [2]]}]}     | input a: data[1]: expected a finite FP32 number, got an array
          {"inputs": [{"name": "a", "data": [[1, 2], [3]]}]} | input a: data: arrays of unlike lengths, 2 and 1
          {"inputs": [{"data": [[[[[[[[[1]]]]]]]]]}]}       | inputs[0]: data: expected arrays nested at most 8 deep, got an array
          {"inputs": [{"data": [1], "data": [1]}]}          | inputs[0]: data given twice
          """)
  void refusesAndSaysWhatWasExpected(String text, String message) {
    refused(text, message);
  }

  @Test
  void refusesDataThatDoesNotFitItsShape() {
    refused(oneInput("[2, 2]", "[1, 2, 3]"), "input a: shape [2, 2] has 4 elements, data has 3");
    refused(
        oneInput("[2, 2]", "[[1, 2, 3, 4]]"),
        "input a: data: expected a flat array or one nested as [2, 2], got [1, 4]");
    refused(oneInput("[4000000000, 4000000000]", "[1]"), "has more than 2^31 elements");
    refused(oneInput("[99999999999999999999]", "[1]"), "expected whole numbers from 0 up");
  }

  @Test
  void refusesWhatIsGivenTwiceOrAfterTheEnd() {
    String input = "{\"name\": \"a\", \"shape\": [1], \"datatype\": \"FP32\", \"data\": [1]}";
    refused("{\"inputs\": [" + input + ", " + input + "]}", "inputs: a given twice");
    refused("{\"inputs\": [" + input + "], \"inputs\": []}", "inputs: given twice");
    refused("{\"inputs\": [" + input + "]} {}", "after the request: expected nothing more");
  }

  @Test
  void refusesOtherEncodingsAndMoreInputsThanAnyModelHas() {
    byte[] wide = GOOD.getBytes(java.nio.charset.StandardCharsets.UTF_16LE);
    assertThatThrownBy(() -> json.decode(wide)).hasMessageContaining("expected UTF-8");
    var inputs = new StringBuilder();
    for (int i = 0; i <= 64; i++) {
      inputs.append(i == 0 ? "" : ",").append("{\"name\": \"a").append(i);
      inputs.append("\", \"shape\": [1], \"datatype\": \"FP32\", \"data\": [1]}");
    }
    refused("{\"inputs\": [" + inputs + "]}", "inputs: expected at most 64");
  }

  @Test
  void refusesNestingThatNoTensorHas() {
    refused("{\"x\": " + "[".repeat(100_000), "malformed JSON: ");
  }

  @Test
  void refusesMoreThanThePoolHoldsAndRecovers() {
    var floats = new StringBuilder("[0");
    floats.append(",0".repeat(1 << 19)).append(']');
    assertThatThrownBy(() -> decode(oneInput("[" + ((1 << 19) + 1) + "]", floats.toString())))
        .isInstanceOfSatisfying(
            ProtocolException.class, e -> assertThat(e.status()).isEqualTo(429));
    decode(GOOD).close();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void survivesDamagedTexts(long seed) {
    var random = new Random(seed);
    byte[] good = GOOD.getBytes(UTF_8);
    int cases = System.getProperty("nagare.checks", "verify").equals("verify") ? 5_000 : 200_000;
    for (int i = 0; i < cases; i++) {
      byte[] text = good.clone();
      for (int damage = 1 + random.nextInt(4); damage > 0; damage--) {
        damage(text, random);
      }
      try {
        json.decode(text).close();
      } catch (ProtocolException e) {
        assertThat(e.status()).isEqualTo(400);
      }
      assertThat(pool.usedBytes()).as("after %s", new String(text, UTF_8)).isZero();
    }
  }

  private static void damage(byte[] text, Random random) {
    int at = random.nextInt(text.length);
    int length = Math.min(1 + random.nextInt(8), text.length - at);
    switch (random.nextInt(4)) {
      case 0 -> text[at] = (byte) random.nextInt(256);
      case 1 -> text[at] = (byte) "{}[],:\"0-.eNI".charAt(random.nextInt(13));
      case 2 -> System.arraycopy(text, random.nextInt(text.length - length), text, at, length);
      default -> java.util.Arrays.fill(text, at, at + length, (byte) ' ');
    }
  }

  @Test
  void encodesAnAnswerThatReadsBackBitForBit() throws IOException {
    var random = new Random(5);
    float[] data = new float[300];
    for (int i = 0; i < data.length; i++) {
      data[i] = Float.intBitsToFloat(random.nextInt());
      data[i] = Float.isFinite(data[i]) ? data[i] : i;
    }
    JsonNode node =
        new ObjectMapper()
            .readTree(
                json.encode(
                    new InferenceResponse(
                        "pulse",
                        "12",
                        "a \"quoted\" id",
                        Map.of("lineage_offset", 13L, "fresh", true, "share", 0.5),
                        List.of(
                            InferenceResponse.Output.of("forecast", List.of(3L, 100L), data)))));
    assertThat(node.get("model_name").asText()).isEqualTo("pulse");
    assertThat(node.get("model_version").asText()).isEqualTo("12");
    assertThat(node.get("id").asText()).isEqualTo("a \"quoted\" id");
    assertThat(node.get("parameters").get("lineage_offset").asLong()).isEqualTo(13);
    JsonNode output = node.get("outputs").get(0);
    assertThat(output.get("datatype").asText()).isEqualTo("FP32");
    assertThat(output.get("shape")).hasToString("[3,100]");
    for (int i = 0; i < data.length; i++) {
      assertThat(Float.parseFloat(output.get("data").get(i).asText())).isEqualTo(data[i]);
    }
  }

  @Test
  void leavesOutTheIdThatNobodyGave() {
    byte[] text = json.encode(new InferenceResponse("m", "0", null, Map.of(), List.of()));
    assertThat(new String(text, UTF_8))
        .isEqualTo("{\"model_name\":\"m\",\"model_version\":\"0\",\"outputs\":[]}");
    assertThat(new String(json.encodeError("no \"x\""), UTF_8))
        .isEqualTo("{\"error\":\"no \\\"x\\\"\"}");
  }

  @Test
  void encodesMetadata() {
    var tensor = new ModelMetadata.TensorMetadata("window", "FP32", List.of(-1L, 32L, 8L));
    byte[] text =
        json.encode(
            new ModelMetadata("pulse", List.of("3"), "nagare_lstm", List.of(tensor), List.of()));
    assertThat(new String(text, UTF_8))
        .isEqualTo(
            "{\"name\":\"pulse\",\"versions\":[\"3\"],\"platform\":\"nagare_lstm\",\"inputs\":"
                + "[{\"name\":\"window\",\"datatype\":\"FP32\",\"shape\":[-1,32,8]}],\"outputs\":[]}");
  }

  private void refused(String text, String message) {
    assertThatThrownBy(() -> decode(text))
        .isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.status()).isEqualTo(400))
        .hasMessageContaining(message);
  }

  private InferenceRequest decode(String text) {
    return json.decode(text.getBytes(UTF_8));
  }

  private static String oneInput(String shape, String data) {
    return "{\"inputs\": [{\"name\": \"a\", \"datatype\": \"FP32\", \"shape\": "
        + shape
        + ", \"data\": "
        + data
        + "}]}";
  }
}
