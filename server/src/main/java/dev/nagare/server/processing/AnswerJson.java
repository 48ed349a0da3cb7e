package dev.nagare.server.processing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import dev.nagare.models.processing.Classes.Scored;
import dev.nagare.models.text.SentenceVectors;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.reuse.KnownAnswers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Answers as callers read them. Numbers that are not finite are null: JSON has no others. */
final class AnswerJson {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER).build();

  private AnswerJson() {}

  static byte[] classes(InferenceResponse response, List<Scored> best) {
    return json(
        response,
        out -> {
          out.writeArrayFieldStart("classes");
          for (Scored scored : best) {
            out.writeStartObject();
            out.writeStringField("label", scored.label());
            out.writeNumberField("index", scored.index());
            out.writeFieldName("score");
            number(out, scored.score());
            out.writeEndObject();
          }
          out.writeEndArray();
        });
  }

  static byte[] embeddings(InferenceResponse response, List<float[]> vectors, boolean compare) {
    return json(
        response,
        out -> {
          out.writeArrayFieldStart("embeddings");
          for (float[] vector : vectors) {
            out.writeStartArray();
            for (float value : vector) {
              number(out, value);
            }
            out.writeEndArray();
          }
          out.writeEndArray();
          if (compare) {
            similarities(out, vectors);
          }
        });
  }

  private static void similarities(JsonGenerator out, List<float[]> vectors) throws IOException {
    out.writeArrayFieldStart("similarities");
    for (float[] one : vectors) {
      out.writeStartArray();
      for (float[] other : vectors) {
        number(out, (float) SentenceVectors.cosine(one, other));
      }
      out.writeEndArray();
    }
    out.writeEndArray();
  }

  private static void number(JsonGenerator out, float value) throws IOException {
    if (Float.isFinite(value)) {
      out.writeNumber(value);
    } else {
      out.writeNull();
    }
  }

  private interface Members {
    void write(JsonGenerator out) throws IOException;
  }

  private static byte[] json(InferenceResponse response, Members members) {
    try (var bytes = new ByteArrayBuilder(512)) {
      try (JsonGenerator out = FACTORY.createGenerator(bytes)) {
        out.writeStartObject();
        out.writeStringField("model_name", response.modelName());
        out.writeStringField("model_version", response.modelVersion());
        Object prediction = response.parameters().get("prediction_id");
        if (prediction != null) { // a canary is tried: labels say which version was right
          out.writeStringField("prediction_id", prediction.toString());
        }
        if (response.parameters().get(KnownAnswers.CACHED) instanceof Boolean cached) {
          out.writeBooleanField(KnownAnswers.CACHED, cached);
        }
        members.write(out);
        out.writeEndObject();
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // bytes go to memory
    }
  }
}
