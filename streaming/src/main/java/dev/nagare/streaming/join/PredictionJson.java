package dev.nagare.streaming.join;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.InferenceResponse.Output;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The form of a recorded prediction: an answer of the protocol, with the inputs that it is an
 * answer to.
 */
final class PredictionJson {
  private static final JsonFactory JSON = new JsonFactory();

  private PredictionJson() {}

  /** A record's value. */
  static byte[] write(InferenceResponse answer, List<Output> inputs) {
    try (var bytes = new ByteArrayBuilder(1024)) {
      try (JsonGenerator out = JSON.createGenerator(bytes)) {
        out.writeStartObject();
        out.writeStringField("model_name", answer.modelName());
        out.writeStringField("model_version", answer.modelVersion());
        String id = answer.id();
        if (id != null) {
          out.writeStringField("id", id);
        }
        out.writeObjectFieldStart("parameters");
        for (Map.Entry<String, Object> parameter : answer.parameters().entrySet()) {
          writeParameter(out, parameter.getKey(), parameter.getValue());
        }
        out.writeEndObject();
        write(out, "inputs", inputs);
        write(out, "outputs", answer.outputs());
        out.writeEndObject();
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail to be written to
    }
  }

  private static void writeParameter(JsonGenerator out, String name, @Nullable Object value)
      throws IOException {
    switch (value) {
      case Number number when number instanceof Double || number instanceof Float ->
          out.writeNumberField(name, number.doubleValue());
      case Number number -> out.writeNumberField(name, number.longValue());
      case Boolean flag -> out.writeBooleanField(name, flag);
      case null, default -> out.writeStringField(name, String.valueOf(value));
    }
  }

  private static void write(JsonGenerator out, String name, List<Output> tensors)
      throws IOException {
    out.writeArrayFieldStart(name);
    for (Output tensor : tensors) {
      out.writeStartObject();
      out.writeStringField("name", tensor.name());
      out.writeStringField("datatype", tensor.dtype().openInferenceName());
      out.writeArrayFieldStart("shape");
      for (long size : tensor.shape()) {
        out.writeNumber(size);
      }
      out.writeEndArray();
      out.writeArrayFieldStart("data");
      for (float value : tensor.floats()) {
        out.writeNumber(value);
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    out.writeEndArray();
  }
}
