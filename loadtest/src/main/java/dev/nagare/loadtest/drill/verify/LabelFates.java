package dev.nagare.loadtest.drill.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What became of requests and labels, counted over the committed records of a model's topics.
 *
 * @param model the model's name
 * @param predictions records of its predictions
 * @param labelRecords records of its labels
 * @param exampleRecords records of its examples
 * @param letters its dead letters
 */
public record LabelFates(
    String model,
    List<RawRecord> predictions,
    List<RawRecord> labelRecords,
    List<RawRecord> exampleRecords,
    List<RawRecord> letters) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Reads the topics as they are now; labels first, so that none seems to lack its fate. */
  public static LabelFates read(String bootstrap, String model) {
    List<RawRecord> labels = RawTopic.read(bootstrap, model + ".labels");
    return new LabelFates(
        model,
        RawTopic.read(bootstrap, model + ".predictions"),
        labels,
        RawTopic.read(bootstrap, model + ".examples"),
        RawTopic.read(bootstrap, model + ".dead-letter").stream()
            .filter(letter -> (model + ".labels").equals(letter.headers().get("topic")))
            .toList());
  }

  /** Whether there are as many fates as labels. */
  public boolean isSettled() {
    return exampleRecords.size() + letters.size() >= labelRecords.size();
  }

  /** Number of labels. */
  public int labels() {
    return labelRecords.size();
  }

  /** Number of examples. */
  public int examples() {
    return exampleRecords.size();
  }

  /** Offset after the last example. */
  public long examplesEnd() {
    return exampleRecords.isEmpty() ? 0 : exampleRecords.getLast().offset() + 1;
  }

  /** How many labels met which fate. */
  public Map<String, Integer> counts() {
    Map<String, Integer> counts = new TreeMap<>();
    counts.put("joined", exampleRecords.size());
    letters.forEach(
        letter -> counts.merge(String.valueOf(letter.headers().get("kind")), 1, Integer::sum));
    return counts;
  }

  /**
   * Holds what was promised against the records.
   *
   * @param answered prediction ids by the ids of requests that were answered
   * @param receipts of labels that were acknowledged
   */
  public void check(Map<String, String> answered, List<String> receipts, Faults faults)
      throws IOException {
    checkPredictions(answered, faults);
    checkReceipts(receipts, faults);
    checkFates(faults);
  }

  private void checkPredictions(Map<String, String> answered, Faults faults) throws IOException {
    Map<String, String> recorded = new HashMap<>();
    List<String> repeated = new ArrayList<>();
    for (RawRecord prediction : predictions) {
      String request = json(prediction).path("id").asText();
      String id = model + ".predictions-0-" + prediction.offset();
      if (recorded.put(request, id) != null) {
        repeated.add(request);
      }
    }
    faults.addAll("requests with more than one prediction", repeated);
    List<String> wrong = new ArrayList<>();
    answered.forEach(
        (request, id) -> {
          if (!id.equals(recorded.get(request))) {
            wrong.add(
                request + " was answered as " + id + ", recorded is " + recorded.get(request));
          }
        });
    faults.addAll("answers that are not as they were recorded", wrong);
  }

  private void checkReceipts(List<String> receipts, Faults faults) {
    Set<String> there = new HashSet<>();
    labelRecords.forEach(label -> there.add(model + ".labels-0-" + label.offset()));
    faults.addAll(
        "acknowledged labels that are lost",
        receipts.stream().filter(receipt -> !there.contains(receipt)).toList());
  }

  private void checkFates(Faults faults) throws IOException {
    Map<Long, String> fates = new HashMap<>();
    List<String> twice = new ArrayList<>();
    for (RawRecord letter : letters) {
      long label = Long.parseLong(String.valueOf(letter.headers().get("offset")));
      note(fates, label, String.valueOf(letter.headers().get("kind")), twice);
    }
    Set<String> joined = new HashSet<>();
    List<String> wrong = new ArrayList<>();
    for (RawRecord example : exampleRecords) {
      JsonNode json = json(example);
      String receipt = json.path("parameters").path("label_receipt").asText();
      note(fates, Long.parseLong(receipt.substring(receipt.lastIndexOf('-') + 1)), "joined", twice);
      String id = json.path("id").asText();
      if (!joined.add(id)) {
        wrong.add(id + " was joined twice");
      }
      compare(json, receipt, id, wrong);
    }
    faults.addAll("labels with more than one fate", twice);
    faults.addAll("examples that are not prediction and label", wrong);
    List<String> unlike = new ArrayList<>();
    for (RawRecord label : labelRecords) {
      String expected = expected(label);
      String got = String.valueOf(fates.remove(label.offset()));
      if (!expected.equals(got) && !(expected.equals("joined") && got.equals("repeated"))) {
        unlike.add("label " + label.offset() + ": expected " + expected + ", got " + got);
      }
    }
    faults.addAll("labels with another fate", unlike);
    faults.addAll("fates of no label", List.copyOf(fates.keySet()));
    Set<String> named = new HashSet<>();
    for (RawRecord label : labelRecords) {
      String id = named(label);
      if (id != null && expected(label).equals("joined")) {
        named.add(id);
      }
    }
    faults.unlessEqual("predictions that were joined", named, joined);
  }

  private static void note(Map<Long, String> fates, long label, String fate, List<String> twice) {
    String before = fates.put(label, fate);
    if (before != null) {
      twice.add("label " + label + ": " + before + " and " + fate);
    }
  }

  /** What a label must have become; of those of one prediction one is joined, the rest repeated. */
  private String expected(RawRecord label) {
    String id = named(label);
    if (id == null) {
      return "invalid";
    }
    long last = Long.parseLong(id.substring(id.lastIndexOf('-') + 1));
    return predictions.stream().anyMatch(prediction -> prediction.offset() == last)
        ? "joined"
        : "unmatched";
  }

  /** The prediction that a label names; null if it is no label. */
  private static @Nullable String named(RawRecord label) {
    try {
      JsonNode json = json(label);
      int value = json.path("label").asInt(-1);
      return json.path("id").isTextual() && (value == 0 || value == 1)
          ? json.path("id").asText()
          : null;
    } catch (IOException e) {
      return null;
    }
  }

  private void compare(JsonNode example, String receipt, String id, List<String> wrong)
      throws IOException {
    RawRecord prediction = at(predictions, id);
    RawRecord label = at(labelRecords, receipt);
    if (prediction == null || label == null) {
      wrong.add(id + " and " + receipt + " are not both there");
      return;
    }
    JsonNode was = json(prediction);
    boolean same =
        example.path("inputs").equals(was.path("inputs"))
            && example.path("outputs").equals(was.path("outputs"))
            && example.path("model_version").equals(was.path("model_version"))
            && example.path("label").equals(json(label).path("label"));
    if (!same) {
      wrong.add(id + " with " + receipt + " became " + example);
    }
  }

  private static @Nullable RawRecord at(List<RawRecord> records, String position) {
    long offset = Long.parseLong(position.substring(position.lastIndexOf('-') + 1));
    return records.stream().filter(record -> record.offset() == offset).findFirst().orElse(null);
  }

  private static JsonNode json(RawRecord record) throws IOException {
    byte[] value = record.value();
    if (value == null) {
      throw new IOException("record " + record.offset() + " has no value");
    }
    return JSON.readTree(value);
  }
}
