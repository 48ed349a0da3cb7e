package dev.nagare.server.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Records as JSON objects: numbers where the file has numbers, texts elsewhere.
 *
 * @param places of the columns in the file
 * @param names of the columns
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record JsonRows(int[] places, List<String> names) implements RowEncoder {
  private static final JsonFactory JSON = new JsonFactory();

  @Override
  public byte[] encode(List<String> values) {
    var text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      out.writeStartObject();
      for (int i = 0; i < places.length; i++) {
        String value = values.get(places[i]);
        out.writeFieldName(names.get(i));
        if (JsonNumber.matches(value)) {
          out.writeNumber(JsonNumber.of(value));
        } else {
          out.writeString(value);
        }
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("json: a text in memory cannot be written", e);
    }
    return text.toString().getBytes(UTF_8);
  }
}
