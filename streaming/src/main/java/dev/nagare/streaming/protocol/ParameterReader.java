package dev.nagare.streaming.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads a member {@code parameters}: names with strings, numbers and booleans, nothing else. */
final class ParameterReader {
  private ParameterReader() {}

  /** The parameters at hand, of a request ({@code at} is empty), an input or an output. */
  static Map<String, Object> read(JsonParser parser, String at) throws IOException {
    String prefix = at.isEmpty() ? "" : at + ": ";
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw RequestReader.unexpected(parser, prefix + "parameters", "an object");
    }
    Map<String, Object> values = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      Object value =
          switch (parser.nextToken()) {
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
            case VALUE_TRUE, VALUE_FALSE -> parser.getBooleanValue();
            default ->
                throw RequestReader.unexpected(
                    parser, prefix + "parameter " + key, "a string, number or boolean");
          };
      values.put(key, value);
    }
    return values;
  }
}
