package dev.nagare.streaming.codec;

import static dev.nagare.streaming.codec.Codecs.assertRefused;
import static dev.nagare.streaming.codec.Codecs.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.streaming.Refusal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvCodecTest {
  private static final RecordFormat.Csv FORMAT =
      new RecordFormat.Csv(List.of("day", "b", "y", "a"), ',');

  private final Codecs codecs = new Codecs();
  private final RecordCodec classifier = codecs.classifier(FORMAT);

  @Test
  void takesColumnsByNameWhateverTheirOrder() {
    assertThat(row(classifier, "monday,2.5,1,-3e2")).containsExactly(-300f, 2.5f, 1f);
    assertThat(row(codecs.forecaster(FORMAT), "monday,2.5,up,-3e2")).startsWith(-300f, 2.5f);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x,2,1,3\n",
        "x,2,1,3\r\n",
        "x, 2 ,1,\t3 ",
        "\"x, y\",2,1,3",
        "\"said \"\"x\"\"\nand left\",\"2\",\"1\",\"3\"",
        ",+2,1.0,3.",
        "é,2,1e0,30e-1"
      })
  void readsWhatRfc4180Allows(String record) {
    assertThat(row(classifier, record)).containsExactly(3f, 2f, 1f);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "x,2,1          | SCHEMA    | expected 4 columns (day, b, y, a), got 3",
        "x,2,1,3,4      | SCHEMA    | expected 4 columns (day, b, y, a), got 5",
        "x,,1,3         | SCHEMA    | field b: expected a finite number, got nothing",
        "x,?,1,3        | SCHEMA    | field b: expected a finite number, got '?'",
        "x,NaN,1,3      | SCHEMA    | field b: expected a finite number, got 'NaN'",
        "x,1e39,1,3     | SCHEMA    | field b: expected a finite number, got '1e39'",
        "x,0x1p3,1,3    | SCHEMA    | got '0x1p3'",
        "x,2f,1,3       | SCHEMA    | got '2f'",
        "x,2,UP,3       | LABEL     | label y: expected a whole number from 0 to 2, got 'UP'",
        "x,2,3,3        | LABEL     | label y: expected a whole number from 0 to 2, got 3",
        "x,2,-1,3       | LABEL     | got -1",
        "x,2,0.5,3      | LABEL     | got 0.5",
        "x,2,,3         | LABEL     | got nothing",
        "`\"x,2,1,3`    | MALFORMED | CSV: character 9: expected a closing quote",
        "`\"x\"y,2,1,3` | MALFORMED | CSV: character 4: expected a delimiter after the closing quote",
        "`x\"y,2,1,3`   | MALFORMED | CSV: character 2: expected a value with quotes to stand in quotes",
      })
  void refusesEverythingElse(String record, Refusal refusal, String message) {
    assertRefused(classifier, record, refusal, message);
  }

  @Test
  void refusesASecondLineAndTooManyBytes() {
    assertRefused(classifier, "x,2,1,3\nx,2,1,3", Refusal.MALFORMED, "got a second");
    assertRefused(classifier, "", Refusal.EMPTY, "got a value of no bytes");
    assertRefused(
        classifier,
        "x".repeat(RecordCodecs.MAX_BYTES) + ",2,1,3",
        Refusal.OVERSIZE,
        "expected at most 1048576 bytes, got 1048582");
  }

  @Test
  void takesOtherDelimiters() {
    var tabs = new RecordFormat.Csv(List.of("a", "b"), '\t');
    assertThat(row(codecs.forecaster(tabs), "1\t2")).startsWith(1f, 2f);
    assertThatThrownBy(() -> codecs.forecaster(new RecordFormat.Csv(List.of("a", "b"), '.')))
        .hasMessageContaining("expected an ASCII character that is no part of numbers");
  }

  @Test
  void asksForAColumnForEachField() {
    assertThatThrownBy(() -> codecs.classifier(new RecordFormat.Csv(List.of("a", "b"), ',')))
        .hasMessage("columns: expected y among them, got [a, b]");
    assertThatThrownBy(() -> codecs.forecaster(new RecordFormat.Csv(List.of("a", "b", "a"), ',')))
        .hasMessageContaining("expected each once");
  }
}
