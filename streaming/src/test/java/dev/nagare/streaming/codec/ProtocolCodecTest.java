package dev.nagare.streaming.codec;

import static dev.nagare.streaming.codec.Codecs.assertRefused;
import static dev.nagare.streaming.codec.Codecs.row;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.streaming.Refusal;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.tensor.PooledMemory;
import dev.nagare.tensor.Shape;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProtocolCodecTest {
  private static final String ROW = input("row", "FP32", "[1, 2]", "[1.5, -2]");
  private static final String LABEL = input("y", "INT64", "[1]", "[2]");

  private final Codecs codecs = new Codecs();
  private final RecordCodec forecaster = codecs.forecaster(new RecordFormat.Protocol());
  private final RecordCodec classifier = codecs.classifier(new RecordFormat.Protocol());

  @AfterEach
  void poolIsEmptyAgain() {
    assertThat(codecs.pool.usedBytes()).isZero();
  }

  @Test
  void readsRowsAndTheIdThatTheyAskFor() {
    assertThat(row(forecaster, request(ROW))).startsWith(1.5f, -2f);
    assertThat(forecaster.id()).isNull();
    row(forecaster, "{\"id\": \"r7\", \"inputs\": [" + ROW + "]}");
    assertThat(forecaster.id()).isEqualTo("r7");
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT8", "INT32", "INT64", "UINT8", "FP32"})
  void readsLabelsOfEachDatatype(String datatype) {
    String flat = input("y", datatype, "[1]", "[2]");
    String nested = input("y", datatype, "[1, 1]", "[[2]]");
    assertThat(row(classifier, request(ROW + ", " + flat))).containsExactly(1.5f, -2f, 2f);
    assertThat(row(classifier, request(nested + ", " + ROW))).containsExactly(1.5f, -2f, 2f);
  }

  @Test
  void handsQuestionsOver() {
    String window = input("window", "FP32", "[1, 2, 2]", "[1, 2, 3, 4]");
    try (InferenceRequest question =
        Objects.requireNonNull(
            forecaster.read(request(window).getBytes(UTF_8), new float[2]), "a question")) {
      assertThat(question.inputs().getFirst().data().shape()).isEqualTo(Shape.of(1, 2, 2));
    }
  }

  @Test
  void takesItsOwnNameAndNoOther() {
    String own = "{\"model_name\": \"m\", \"parameters\": {\"model_name\": \"m\"}, \"inputs\": [";
    assertThat(row(forecaster, own + ROW + "]}")).startsWith(1.5f);
    assertRefused(
        forecaster,
        "{\"model_name\": \"other\", \"inputs\": [" + ROW + "]}",
        Refusal.UNKNOWN_MODEL,
        "model_name: expected m, whose topic this is, got other");
    assertRefused(
        forecaster,
        "{\"inputs\": [" + ROW + "], \"parameters\": {\"model_name\": \"other\"}}",
        Refusal.UNKNOWN_MODEL,
        "got other");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "row    | FP32  | [1, 3] | [1, 2, 3]  | SCHEMA | input row: expected FP32 [1, 2], got FP32 [1, 3]",
        "row    | FP32  | [1, 2] | [1, 1e39]  | SCHEMA | input row: data[1]: expected a finite FP32 number",
        "row    | INT64 | [1, 2] | [1, 2]     | SCHEMA | input row: datatype: expected FP32, got INT64",
        "window | FP32  | [1]    | `[\"a\"]`  | SCHEMA | input window: data[0]: expected a finite FP32 number, got a string",
        "row2   | FP32  | [1]    | [1]        | SCHEMA | input row2: unknown to model m; expected row to learn from, or window",
        "y      | FP32  | [1]    | [1]        | SCHEMA | input y: unknown to model m",
      })
  void refusesOtherInputs(
      String name, String datatype, String shape, String data, Refusal refusal, String message) {
    assertRefused(forecaster, request(input(name, datatype, shape, data)), refusal, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "INT64 | [1] | [3]       | label y: expected a whole number from 0 to 2, got 3",
        "FP32  | [1] | [0.5]     | got 0.5",
        "BYTES | [1] | `[\"UP\"]` | input y: data[0]: expected a finite FP32 number, got a string",
        "BOOL  | [1] | [1]       | input y: datatype: expected FP32 or an integer one, got BOOL",
        "INT64 | [2] | [1, 1]    | got a tensor of shape [2]",
      })
  void refusesOtherLabels(String datatype, String shape, String data, String message) {
    String label = input("y", datatype, shape, data);
    assertRefused(classifier, request(ROW + ", " + label), Refusal.LABEL, message);
  }

  @Test
  void refusesWhatIsNoObservationAtAll() {
    assertRefused(classifier, request(ROW), Refusal.LABEL, "got no input of that name");
    assertRefused(
        classifier, request(LABEL), Refusal.SCHEMA, "input row is missing; expected row and y");
    assertRefused(forecaster, "{\"inputs\": []}", Refusal.SCHEMA, "expected at least one");
    assertRefused(forecaster, "{\"inputs\": ", Refusal.MALFORMED, "malformed JSON");
    assertRefused(forecaster, "row", Refusal.MALFORMED, "malformed JSON");
    assertRefused(forecaster, "", Refusal.EMPTY, "no bytes");
    assertRefused(
        forecaster, " ".repeat(RecordCodecs.MAX_BYTES + 1), Refusal.OVERSIZE, "got 1048577");
  }

  @Test
  void letsARecordWaitForMemory() {
    PooledMemory all = codecs.pool.open(1 << 20);
    try {
      assertThatThrownBy(() -> row(forecaster, request(ROW)))
          .isInstanceOfSatisfying(
              ProtocolException.class, e -> assertThat(e.status()).isEqualTo(429));
    } finally {
      all.release();
    }
    assertThat(row(forecaster, request(ROW))).startsWith(1.5f, -2f);
  }

  private static String input(String name, String datatype, String shape, String data) {
    return "{\"name\": \"%s\", \"datatype\": \"%s\", \"shape\": %s, \"data\": %s}"
        .formatted(name, datatype, shape, data);
  }

  private static String request(String inputs) {
    return "{\"inputs\": [" + inputs + "]}";
  }
}
