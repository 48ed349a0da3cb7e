package dev.nagare.server.stream;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.nagare.server.http.Json;
import dev.nagare.streaming.LearningEvent;
import dev.nagare.streaming.ModelStatus;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The frames that the server sends. */
final class Frames {
  private Frames() {}

  static String event(String model, LearningEvent event) {
    return Json.object(
        out -> {
          begin(out, "event", model);
          out.writeNumberField("version", event.version());
          out.writeNumberField("offset", event.offset());
          out.writeNumberField("timestamp_ms", event.timestampMillis());
          out.writeArrayFieldStart("features");
          for (String feature : event.features()) {
            out.writeString(feature);
          }
          out.writeEndArray();
          numbers(out, "truth", event.truth());
          numbers(out, "scored_forecast", event.scoredForecast());
          numbers(out, "forecast", event.forecast());
          number(out, "loss", event.loss());
          number(out, "learning_rate", event.learningRate());
          number(out, "gradient_norm", event.gradientNorm());
          errors(out, "windowed_mae", event.windowedMae());
          errors(out, "fading_mae", event.fadingMae());
        });
  }

  /** The same event for a socket that missed some before it. */
  static String withMissed(String event, long missed) {
    return event.substring(0, event.length() - 1) + ",\"missed\":" + missed + "}";
  }

  static String status(String model, ModelStatus status) {
    return Json.object(
        out -> {
          begin(out, "status", model);
          out.writeBooleanField("ready", status.ready());
          out.writeStringField("degraded", status.degraded());
          out.writeStringField("checkpoint_error", status.checkpointError());
          out.writeNumberField("version", status.version());
          out.writeStringField("lineage_topic", status.lineage().topic());
          out.writeNumberField("lineage_partition", status.lineage().partition());
          out.writeNumberField("lineage_offset", status.lineage().nextOffset());
          out.writeNumberField("learned_examples", status.learnedExamples());
          out.writeNumberField("dead_letters", status.deadLetters());
          out.writeBooleanField("learning", status.learning());
          out.writeObjectFieldStart("guards");
          for (var guard : status.guards().entrySet()) {
            out.writeNumberField(guard.getKey(), guard.getValue());
          }
          out.writeEndObject();
          out.writeNumberField("fenced", status.fenced());
          out.writeNumberField("checkpoint_step", status.checkpointStep());
        });
  }

  static String confirmation(String type, @Nullable String id, String model) {
    return Json.object(
        out -> {
          begin(out, type, model);
          id(out, id);
        });
  }

  /** A prediction around an answer that is already encoded. */
  static String prediction(@Nullable String id, String model, String response) {
    String head = confirmation("prediction", id, model);
    return head.substring(0, head.length() - 1) + ",\"response\":" + response + "}";
  }

  static String error(@Nullable String id, int status, String message) {
    return Json.object(
        out -> {
          out.writeStringField("type", "error");
          id(out, id);
          out.writeNumberField("status", status);
          out.writeStringField("error", message);
        });
  }

  private static void begin(JsonGenerator out, String type, String model) throws IOException {
    out.writeStringField("type", type);
    out.writeStringField("model", model);
  }

  private static void id(JsonGenerator out, @Nullable String id) throws IOException {
    if (id != null) {
      out.writeStringField("id", id);
    }
  }

  private static void numbers(JsonGenerator out, String name, List<Float> values)
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

  private static void errors(JsonGenerator out, String name, Map<String, Double> errors)
      throws IOException {
    out.writeObjectFieldStart(name);
    for (var error : errors.entrySet()) {
      number(out, error.getKey(), error.getValue());
    }
    out.writeEndObject();
  }

  // JSON has no NaN; a member without a value is null.
  private static void number(JsonGenerator out, String name, double value) throws IOException {
    if (Double.isFinite(value)) {
      out.writeNumberField(name, value);
    } else {
      out.writeNullField(name);
    }
  }
}
