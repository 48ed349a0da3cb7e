package dev.nagare.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.nagare.streaming.Lineage;
import dev.nagare.streaming.ModelStatus;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** What a model is doing, as {@code /v2/models/{model}/status} and the WebSocket spell it. */
public final class StatusJson {
  private StatusJson() {}

  /** Writes the members of a status. */
  public static void write(JsonGenerator out, ModelStatus status) throws IOException {
    out.writeBooleanField("ready", status.ready());
    out.writeStringField("degraded", status.degraded());
    out.writeStringField("checkpoint_error", status.checkpointError());
    out.writeBooleanField("learning", status.learning());
    out.writeNumberField("version", status.version());
    Lineage lineage = status.lineage();
    if (lineage != null) {
      out.writeStringField("lineage_topic", lineage.topic());
      out.writeNumberField("lineage_partition", lineage.partition());
      out.writeNumberField("lineage_offset", lineage.nextOffset());
    }
    out.writeNumberField("learned_examples", status.learnedExamples());
    out.writeNumberField("dead_letters", status.deadLetters());
    out.writeObjectFieldStart("guards");
    for (var guard : status.guards().entrySet()) {
      out.writeNumberField(guard.getKey(), guard.getValue());
    }
    out.writeEndObject();
    out.writeNumberField("fenced", status.fenced());
    out.writeNumberField("checkpoint_step", status.checkpointStep());
  }

  /** Writes values, null where one is not finite: JSON has no NaN. */
  public static void numbers(JsonGenerator out, String name, List<Float> values)
      throws IOException {
    out.writeArrayFieldStart(name);
    for (float value : values) {
      if (Float.isFinite(value)) {
        out.writeNumber(value);
      } else {
        out.writeNull();
      }
    }
    out.writeEndArray();
  }

  /** Writes values by name. */
  public static void numbers(JsonGenerator out, String name, Map<String, Double> values)
      throws IOException {
    out.writeObjectFieldStart(name);
    for (var value : values.entrySet()) {
      number(out, value.getKey(), value.getValue());
    }
    out.writeEndObject();
  }

  /** Writes a value, or null if it is not finite. */
  public static void number(JsonGenerator out, String name, double value) throws IOException {
    if (Double.isFinite(value)) {
      out.writeNumberField(name, value);
    } else {
      out.writeNullField(name);
    }
  }
}
