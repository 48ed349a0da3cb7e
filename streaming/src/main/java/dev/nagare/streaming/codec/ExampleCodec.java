package dev.nagare.streaming.codec;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.nagare.models.online.OnlineConfig;
import dev.nagare.streaming.Refusal;
import dev.nagare.streaming.protocol.InferenceRequest;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Examples that the join made: a window, the prediction of the time, the label. The row has the
 * window's values, then the label, then the prediction.
 */
final class ExampleCodec implements RecordCodec {
  /** A number of the text is rounded once, to the nearest float. */
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private final int window;
  private final int classes;

  ExampleCodec(OnlineConfig config, int classes) {
    this.window = config.network().window() * (config.features() + 1);
    this.classes = classes;
  }

  @Override
  public @Nullable InferenceRequest read(byte[] value, float[] row) {
    RowFields.requireSize(value);
    JsonNode root;
    try {
      root = JSON.readTree(value);
    } catch (IOException e) {
      throw new RefusedRecordException(Refusal.MALFORMED, "JSON: expected an example, got other");
    }
    copy(root.path("inputs").path(0), "window", row, 0, window);
    JsonNode label = root.path("label");
    if (!label.isIntegralNumber() || label.longValue() < 0 || label.longValue() >= classes) {
      throw new RefusedRecordException(
          Refusal.LABEL,
          "label: expected a whole number from 0 to " + (classes - 1) + ", got " + label);
    }
    row[window] = label.intValue();
    copy(root.path("outputs").path(0), "probabilities", row, window + 1, classes);
    return null;
  }

  private static void copy(JsonNode tensor, String name, float[] row, int at, int count) {
    JsonNode data = tensor.path("data");
    if (!tensor.path("name").asText().equals(name) || data.size() != count) {
      throw new RefusedRecordException(
          Refusal.SCHEMA,
          name
              + ": expected "
              + count
              + " values, got "
              + data.size()
              + " of "
              + RowFields.shown(tensor.path("name").asText()));
    }
    for (int i = 0; i < count; i++) {
      JsonNode number = data.get(i);
      float value = number.isNumber() ? number.decimalValue().floatValue() : Float.NaN;
      if (!Float.isFinite(value)) {
        throw new RefusedRecordException(
            Refusal.SCHEMA, name + ": expected finite numbers, got " + number);
      }
      row[at + i] = value;
    }
  }
}
