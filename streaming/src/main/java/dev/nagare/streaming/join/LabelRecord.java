package dev.nagare.streaming.join;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nagare.streaming.protocol.ProtocolException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A label as callers give it and as it stands in its topic: {@code {"id": …, "label": 1}}, a list
 * of labels for a prediction of several rows.
 *
 * @param id of the prediction
 * @param labels one per row of the prediction, at least one
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record LabelRecord(String id, int[] labels) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST_SHOWN = 40;

  /** Most labels in one call. */
  static final int MOST = 1000;

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

  /**
   * Reads the body of a call: one label, or a list of them in {@code labels}.
   *
   * @param classes labels are the whole numbers below
   * @param fault says of an id what is wrong with it; null if nothing is
   * @throws ProtocolException 400, 413 if any of them cannot be one
   */
  public static List<LabelRecord> readAll(
      byte[] body, int classes, Function<String, @Nullable String> fault) {
    JsonNode root;
    try {
      root = JSON.readTree(body);
    } catch (IOException e) {
      throw new ProtocolException(400, "malformed JSON: expected {\"id\": …, \"label\": …}");
    }
    JsonNode many = root == null ? null : root.get("labels");
    if (many == null || !many.isArray()) {
      return List.of(of(root, classes, fault, ""));
    }
    if (many.isEmpty()) {
      throw new ProtocolException(400, "labels: expected at least one, got none");
    }
    if (many.size() > MOST) {
      throw new ProtocolException(
          413, "labels: expected at most " + MOST + " in a call, got " + many.size());
    }
    List<LabelRecord> labels = new ArrayList<>(many.size());
    for (int i = 0; i < many.size(); i++) {
      labels.add(of(many.get(i), classes, fault, "labels[" + i + "]: "));
    }
    return labels;
  }

  private static LabelRecord of(
      @Nullable JsonNode node,
      int classes,
      Function<String, @Nullable String> fault,
      String where) {
    try {
      LabelRecord label = of(node, classes);
      String wrong = fault.apply(label.id());
      if (wrong != null) {
        throw new InvalidException(wrong);
      }
      return label;
    } catch (InvalidException e) {
      throw new ProtocolException(400, where + e.getMessage());
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
