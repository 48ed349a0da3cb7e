package dev.nagare.server.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.nagare.server.http.Json;
import dev.nagare.server.http.StatusJson;
import dev.nagare.streaming.LearningEvent;
import dev.nagare.streaming.ModelStatus;
import dev.nagare.streaming.protocol.ProtocolException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The frames that the server sends. */
final class Frames {
  private Frames() {}

  static String event(String model, LearningEvent event) {
    return Json.object(
        out -> {
          begin(out, "event", model);
          out.writeNumberField("number", event.number());
          out.writeNumberField("version", event.version());
          out.writeNumberField("partition", event.partition());
          out.writeNumberField("offset", event.offset());
          out.writeNumberField("timestamp_ms", event.timestampMillis());
          out.writeArrayFieldStart("features");
          for (String feature : event.features()) {
            out.writeString(feature);
          }
          out.writeEndArray();
          StatusJson.numbers(out, "truth", event.truth());
          StatusJson.numbers(out, "scored_forecast", event.scoredForecast());
          StatusJson.numbers(out, "forecast", event.forecast());
          StatusJson.number(out, "loss", event.loss());
          StatusJson.number(out, "learning_rate", event.learningRate());
          StatusJson.number(out, "gradient_norm", event.gradientNorm());
          out.writeStringField("measure", event.measure());
          StatusJson.numbers(out, "windowed", event.windowed());
          StatusJson.numbers(out, "fading", event.fading());
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
          StatusJson.write(out, status);
        });
  }

  static String confirmation(String type, @Nullable String id, String model) {
    return Json.object(
        out -> {
          begin(out, type, model);
          id(out, id);
        });
  }

  /** An answer of a model, which is encoded already. */
  static String answer(String type, @Nullable String id, String model, String response) {
    return opened(type, id, model) + response + "}";
  }

  /** The same as bytes, in the pieces that it is made of. */
  static List<byte[]> pieces(String type, @Nullable String id, String model, byte[] response) {
    return List.of(opened(type, id, model).getBytes(UTF_8), response, new byte[] {'}'});
  }

  private static String opened(String type, @Nullable String id, String model) {
    String head = confirmation(type, id, model);
    return head.substring(0, head.length() - 1) + ",\"response\":";
  }

  static String error(@Nullable String id, ProtocolException refusal) {
    return Json.object(
        out -> {
          out.writeStringField("type", "error");
          id(out, id);
          out.writeNumberField("status", refusal.status());
          out.writeStringField("error", String.valueOf(refusal.getMessage()));
          if (refusal.retryAfterMillis() > 0) {
            out.writeNumberField("retry_after_ms", refusal.retryAfterMillis());
          }
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
}
