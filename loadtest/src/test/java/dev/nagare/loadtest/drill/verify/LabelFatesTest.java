package dev.nagare.loadtest.drill.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A verifier that finds nothing wrong must be one that finds what is wrong. */
class LabelFatesTest {
  private final List<RawRecord> predictions = new ArrayList<>();
  private final List<RawRecord> labels = new ArrayList<>();
  private final List<RawRecord> examples = new ArrayList<>();
  private final List<RawRecord> letters = new ArrayList<>();

  LabelFatesTest() {
    predictions.add(
        record(0, "{\"id\":\"r-0\",\"model_version\":\"1\",\"inputs\":[1],\"outputs\":[2]}"));
    predictions.add(
        record(1, "{\"id\":\"r-1\",\"model_version\":\"1\",\"inputs\":[3],\"outputs\":[4]}"));
    labels.add(record(0, "{\"id\":\"m.predictions-0-0\",\"label\":1}"));
    labels.add(record(1, "{\"id\":\"m.predictions-0-0\",\"label\":0}"));
    labels.add(record(2, "no label"));
    labels.add(record(3, "{\"id\":\"m.predictions-0-77\",\"label\":0}"));
    examples.add(example(0, 0, 1, "[1]"));
    letters.add(letter(1, "repeated"));
    letters.add(letter(2, "invalid"));
    letters.add(letter(3, "unmatched"));
  }

  @Test
  void allIsWell() throws IOException {
    assertThat(faults(Map.of("r-0", "m.predictions-0-0"), List.of("m.labels-0-1"))).isEmpty();
  }

  @Test
  void aLabelWithTwoFatesIsNoticed() throws IOException {
    letters.add(letter(0, "late"));
    assertThat(found()).contains("label 0: late and joined");
  }

  @Test
  void aLabelWithoutAFateIsNoticed() throws IOException {
    letters.removeLast();
    assertThat(found()).contains("label 3: expected unmatched, got null");
  }

  @Test
  void aPredictionThatWasJoinedTwiceIsNoticed() throws IOException {
    letters.removeFirst();
    examples.add(example(0, 1, 0, "[1]"));
    assertThat(found()).contains("m.predictions-0-0 was joined twice");
  }

  @Test
  void anExampleThatIsNotItsPredictionIsNoticed() throws IOException {
    examples.set(0, example(0, 0, 1, "[9]"));
    assertThat(found()).contains("examples that are not prediction and label");
  }

  @Test
  void aRequestThatWasRecordedTwiceAndAnAnswerThatWasNotAreNoticed() throws IOException {
    predictions.add(record(2, "{\"id\":\"r-0\",\"inputs\":[1],\"outputs\":[2]}"));
    assertThat(found())
        .contains("requests with more than one prediction: r-0")
        .contains("r-0 was answered as m.predictions-0-0, recorded is m.predictions-0-2");
  }

  @Test
  void anAcknowledgedLabelThatIsLostIsNoticed() throws IOException {
    assertThat(faults(Map.of(), List.of("m.labels-0-9")).toString())
        .contains("acknowledged labels that are lost: m.labels-0-9");
  }

  private String found() throws IOException {
    return faults(Map.of("r-0", "m.predictions-0-0"), List.of()).toString();
  }

  private List<String> faults(Map<String, String> answered, List<String> receipts)
      throws IOException {
    var faults = new Faults();
    new LabelFates("m", predictions, labels, examples, letters).check(answered, receipts, faults);
    return faults.sentences();
  }

  private static RawRecord record(long offset, String value) {
    return new RawRecord(offset, null, value.getBytes(UTF_8), Map.of());
  }

  private static RawRecord example(int prediction, int label, int value, String inputs) {
    return record(
        label,
        ("{\"id\":\"m.predictions-0-%d\",\"model_version\":\"1\",\"parameters\":{\"label_receipt\":\"m.labels-0-%d\"},"
                + "\"inputs\":%s,\"outputs\":[2],\"label\":%d}")
            .formatted(prediction, label, inputs, value));
  }

  private static RawRecord letter(long label, String kind) {
    return new RawRecord(label, null, null, Map.of("offset", Long.toString(label), "kind", kind));
  }
}
