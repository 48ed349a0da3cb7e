package dev.nagare.streaming.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import dev.nagare.streaming.Refusal;
import dev.nagare.streaming.protocol.InferenceRequest;
import java.io.IOException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object whose members have the names of features and label; other members may hold
 * anything. A value is a number, or {@code true} for 1 and {@code false} for 0. A text that holds
 * digits is no number, nor is null.
 */
final class JsonCodec implements RecordCodec {
  private static final int MAX_DEPTH = 64;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(RecordCodecs.MAX_BYTES)
                  .maxNameLength(RecordCodecs.MAX_BYTES)
                  .build())
          // NaN and Infinity are no JSON, but "not finite" says more than "unexpected character".
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private final RowFields fields;
  private final Map<String, Integer> indices = new HashMap<>();
  private final BitSet seen;

  JsonCodec(RowFields fields) {
    this.fields = fields;
    this.seen = new BitSet(fields.size());
    for (int i = 0; i < fields.size(); i++) {
      indices.put(fields.name(i), i);
    }
  }

  @Override
  public @Nullable InferenceRequest read(byte[] value, float[] row) {
    RowFields.requireSize(value);
    seen.clear();
    try (JsonParser parser = JSON.createParser(value)) {
      read(parser, row);
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      throw malformed(
          (at == null ? "" : "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": ")
              + e.getOriginalMessage().lines().findFirst().orElse(""));
    } catch (IOException e) {
      throw malformed(String.valueOf(e.getMessage()));
    }
    int missing = seen.nextClearBit(0);
    if (missing < fields.size()) {
      throw fields.refused(missing, "is missing");
    }
    return null;
  }

  private void read(JsonParser parser, float[] row) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw malformed("expected an object, got " + got(parser));
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      Integer index = indices.get(parser.currentName());
      parser.nextToken();
      if (index == null) {
        parser.skipChildren();
      } else if (seen.get(index)) {
        throw fields.refused(index, "given twice");
      } else {
        row[index] = value(parser, index);
        seen.set(index);
      }
    }
    if (parser.nextToken() != null) {
      throw malformed("expected nothing after the object, got " + got(parser));
    }
  }

  private float value(JsonParser parser, int index) throws IOException {
    JsonToken token = parser.currentToken();
    if (fields.isLabel(index)) {
      double label =
          switch (token) {
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> 1;
            case VALUE_FALSE -> 0;
            default -> throw fields.unexpected(index, got(parser));
          };
      fields.requireClass(label);
      return (float) label;
    }
    float value =
        switch (token) {
          case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getFloatValue();
          case VALUE_TRUE -> 1;
          case VALUE_FALSE -> 0;
          default -> throw fields.unexpected(index, got(parser));
        };
    if (!Float.isFinite(value)) {
      throw fields.unexpected(index, got(parser));
    }
    return value;
  }

  private static String got(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case null -> "the end";
      case START_OBJECT, END_OBJECT -> "an object";
      case START_ARRAY, END_ARRAY -> "an array";
      case VALUE_STRING, FIELD_NAME -> "the text " + RowFields.shown(parser.getText());
      default -> RowFields.shown(parser.getText());
    };
  }

  private static RefusedRecordException malformed(String what) {
    return new RefusedRecordException(Refusal.MALFORMED, "JSON: " + what);
  }
}
