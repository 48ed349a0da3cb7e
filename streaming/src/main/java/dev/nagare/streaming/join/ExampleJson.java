package dev.nagare.streaming.join;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A recorded prediction of which examples are made, one for each row and its label: the features
 * and the output of the time, as they stand in the record, to the last digit.
 */
final class ExampleJson {
  /** Numbers are carried over as they are written. */
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private final JsonNode root;
  private final int rows;

  private ExampleJson(JsonNode root) {
    this.root = root;
    int asked = root.path("inputs").path(0).path("shape").path(0).asInt();
    int answered = root.path("outputs").path(0).path("shape").path(0).asInt();
    this.rows = asked > 0 && answered == asked ? asked : 0;
  }

  /**
   * Where an example comes from.
   *
   * @param id of the prediction
   * @param predictedMillis when it was recorded, milliseconds since the epoch
   * @param receipt of the label; null for one that did not come in time
   * @param labelledMillis when the label was given
   */
  record Origin(
      PredictionId id, long predictedMillis, @Nullable String receipt, long labelledMillis) {}

  /** Reads a recorded prediction; what is none has no rows. */
  static ExampleJson of(byte[] prediction) {
    try {
      return new ExampleJson(JSON.readTree(prediction));
    } catch (IOException e) {
      return new ExampleJson(MissingNode.getInstance());
    }
  }

  /** The prediction's rows; 0 if the record is no prediction. */
  int rows() {
    return rows;
  }

  /** The example of a row. */
  byte[] example(int row, int label, Origin origin) {
    ObjectNode example = JSON.createObjectNode();
    example.put("id", origin.id().toString()).put("row", row);
    copy(root, example, "model_name");
    copy(root, example, "model_version");
    ObjectNode parameters = example.putObject("parameters");
    copy(root.path("parameters"), parameters, "trained_through");
    parameters.put("predicted_at", origin.predictedMillis());
    parameters.put("labelled_at", origin.labelledMillis());
    String receipt = origin.receipt();
    if (receipt == null) {
      parameters.put("unlabelled", true);
    } else {
      parameters.put("label_receipt", receipt);
    }
    example.putArray("inputs").add(row(root.path("inputs").path(0), row));
    example.putArray("outputs").add(row(root.path("outputs").path(0), row));
    example.put("label", label);
    return example.toString().getBytes(UTF_8);
  }

  private static void copy(JsonNode from, ObjectNode to, String name) {
    JsonNode value = from.get(name);
    if (value != null) {
      to.set(name, value);
    }
  }

  /** One row of a tensor. */
  private ObjectNode row(JsonNode tensor, int row) {
    ObjectNode one = JSON.createObjectNode();
    copy(tensor, one, "name");
    copy(tensor, one, "datatype");
    ArrayNode shape = one.putArray("shape").add(1);
    for (int i = 1; i < tensor.path("shape").size(); i++) {
      shape.add(tensor.path("shape").get(i));
    }
    ArrayNode data = one.putArray("data");
    int values = tensor.path("data").size() / rows;
    for (int i = 0; i < values; i++) {
      data.add(tensor.path("data").get(row * values + i));
    }
    return one;
  }
}
