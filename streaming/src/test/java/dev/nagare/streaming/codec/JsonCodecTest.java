package dev.nagare.streaming.codec;

import static dev.nagare.streaming.codec.Codecs.assertRefused;
import static dev.nagare.streaming.codec.Codecs.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.streaming.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonCodecTest {
  private final Codecs codecs = new Codecs();
  private final RecordCodec classifier = codecs.classifier(new RecordFormat.Json());

  @Test
  void takesMembersByNameAndPassesOthersOver() {
    assertThat(
            row(
                classifier,
                "{\"who\": {\"a\": [1, {\"b\": 2}]}, \"y\": 2, \"b\": -0.1, \"note\": null, \"a\": 1e2}"))
        .containsExactly(100f, -0.1f, 2f);
    assertThat(
            row(codecs.forecaster(new RecordFormat.Json()), "{\"b\": 2, \"a\": 1, \"y\": \"up\"}"))
        .startsWith(1f, 2f);
  }

  @Test
  void takesTrueForOneAndFalseForZero() {
    assertThat(row(classifier, "{\"a\": true, \"b\": false, \"y\": true}"))
        .containsExactly(1f, 0f, 1f);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`{\"a\": 1, \"y\": 0}`                       | SCHEMA    | field b: is missing",
        "`{\"a\": 1, \"b\": 2}`                       | LABEL     | label y: is missing",
        "`{\"a\": 1, \"b\": null, \"y\": 0}`          | SCHEMA    | field b: expected a finite number, got 'null'",
        "`{\"a\": 1, \"b\": \"2\", \"y\": 0}`         | SCHEMA    | field b: expected a finite number, got the text '2'",
        "`{\"a\": 1, \"b\": [2], \"y\": 0}`           | SCHEMA    | field b: expected a finite number, got an array",
        "`{\"a\": 1, \"b\": {}, \"y\": 0}`            | SCHEMA    | field b: expected a finite number, got an object",
        "`{\"a\": 1, \"b\": NaN, \"y\": 0}`           | SCHEMA    | field b: expected a finite number, got 'NaN'",
        "`{\"a\": 1, \"b\": 1e39, \"y\": 0}`          | SCHEMA    | field b: expected a finite number, got '1e39'",
        "`{\"a\": 1, \"a\": 1, \"y\": 0}`             | SCHEMA    | field a: given twice",
        "`{\"a\": 1, \"b\": 2, \"y\": \"UP\"}`        | LABEL     | label y: expected a whole number from 0 to 2, got the text 'UP'",
        "`{\"a\": 1, \"b\": 2, \"y\": 3}`             | LABEL     | got 3",
        "`{\"a\": 1, \"b\": 2, \"y\": 1.5}`           | LABEL     | got 1.5",
        "`{\"a\": 1, \"b\": 2, \"y\": NaN}`           | LABEL     | got NaN",
        "`{\"a\": 1, \"b\": 2, \"y\": 0`              | MALFORMED | JSON: line 1",
        "`{\"a\": 1, \"b\": 2, \"y\": 0} {}`          | MALFORMED | JSON: expected nothing after the object, got an object",
        "`[1, 2, 0]`                                  | MALFORMED | JSON: expected an object, got an array",
        "`a,b`                                        | MALFORMED | JSON: line 1",
      })
  void refusesEverythingElse(String record, Refusal refusal, String message) {
    assertRefused(classifier, record, refusal, message);
  }

  @Test
  void refusesDepthsAndSizesThatNobodyNeeds() {
    String deep = "{\"x\": " + "[".repeat(1000) + "]".repeat(1000) + "}";
    assertRefused(classifier, deep, Refusal.MALFORMED, "JSON: ");
    assertRefused(
        classifier, " ".repeat(RecordCodecs.MAX_BYTES + 1), Refusal.OVERSIZE, "got 1048577");
    assertRefused(classifier, "", Refusal.EMPTY, "no bytes");
    assertRefused(classifier, " ", Refusal.MALFORMED, "expected an object, got the end");
  }
}
