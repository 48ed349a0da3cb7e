package dev.nagare.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** Small JSON objects, written member by member: no binding, nothing to warm up. */
public final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /** Writes the members of an object. */
  public interface Members {
    /** Writes them. */
    void write(JsonGenerator out) throws IOException;
  }

  /** An object as text. */
  public static String object(Members members) {
    var text = new StringWriter();
    try (JsonGenerator out = FACTORY.createGenerator(text)) {
      out.writeStartObject();
      members.write(out);
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("json: a text in memory cannot be written", e);
    }
    return text.toString();
  }

  /** The protocol's error body. */
  public static String error(String message) {
    return object(out -> out.writeStringField("error", message));
  }
}
