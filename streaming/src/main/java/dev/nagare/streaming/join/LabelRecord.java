package dev.nagare.streaming.join;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A label as callers give it and as it stands in its topic: {@code {"id": …, "label": 1}}, a list
 * of labels for a prediction of several rows.
 *
 * @param id of the prediction
 * @param labels one per row of the prediction, at least one
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record LabelRecord(String id, int[] labels) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST_SHOWN = 40;

  /** A label that cannot be one. */
  static final class InvalidException extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidException(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * Reads a record.
   *
   * @param classes labels are the whole numbers below
   */
  static LabelRecord read(byte @Nullable [] value, int classes) throws InvalidException {
    if (value == null) {
      throw new InvalidException("expected a label, got a tombstone");
    }
    try {
      return of(JSON.readTree(value), classes);
    } catch (IOException e) {
      throw new InvalidException("malformed JSON: expected {\"id\": …, \"label\": …}");
    }
  }

  /** Reads a label of a caller's JSON. */
  static LabelRecord of(@Nullable JsonNode node, int classes) throws InvalidException {
    if (node == null || !node.isObject()) {
      throw new InvalidException(
          "expected an object {\"id\": …, \"label\": …}, got " + shown(node));
    }
    JsonNode id = node.get("id");
    if (id == null || !id.isTextual()) {
      throw new InvalidException("id: expected the text of a prediction_id, got " + shown(id));
    }
    JsonNode label = node.get("label");
    int[] labels = new int[label != null && label.isArray() ? label.size() : 1];
    if (labels.length == 0) {
      throw new InvalidException("label: expected one for each row of the prediction, got none");
    }
    for (int i = 0; i < labels.length; i++) {
      JsonNode one = label != null && label.isArray() ? label.get(i) : label;
      if (one == null
          || !one.isNumber()
          || one.doubleValue() != Math.rint(one.doubleValue())
          || one.doubleValue() < 0
          || one.doubleValue() >= classes) {
        throw new InvalidException(
            "label: expected a whole number from 0 to " + (classes - 1) + ", got " + shown(one));
      }
      labels[i] = one.intValue();
    }
    return new LabelRecord(id.textValue(), labels);
  }

  private static String shown(@Nullable JsonNode node) {
    if (node == null) {
      return "none";
    }
    String text = node.toString();
    return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "…";
  }

  /** A record's value. */
  byte[] write() {
    ObjectNode root = JSON.createObjectNode().put("id", id);
    if (labels.length == 1) {
      root.put("label", labels[0]);
    } else {
      ArrayNode all = root.putArray("label");
      Arrays.stream(labels).forEach(all::add);
    }
    return root.toString().getBytes(UTF_8);
  }
}
