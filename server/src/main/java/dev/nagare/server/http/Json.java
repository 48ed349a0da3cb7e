package dev.nagare.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.nagare.streaming.protocol.ProtocolException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** Small JSON texts, written member by member: no binding, nothing to warm up. */
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

  /** An array as text; the members are its elements. */
  public static String array(Members elements) {
    var text = new StringWriter();
    try (JsonGenerator out = FACTORY.createGenerator(text)) {
      out.writeStartArray();
      elements.write(out);
      out.writeEndArray();
    } catch (IOException e) {
      throw new UncheckedIOException("json: a text in memory cannot be written", e);
    }
    return text.toString();
  }

  /**
   * The body of a call that is rarely made, an object; an empty one is one without members.
   *
   * @throws ProtocolException status 400 if it is something else
   */
  static JsonNode read(RequestBody body) {
    if (body.length() == 0) {
      return MissingNode.getInstance();
    }
    try {
      JsonNode read = Reading.MAPPER.readTree(body.bytes(0, body.length()));
      if (read.isObject()) {
        return read;
      }
      throw new ProtocolException(400, "body: expected a JSON object or nothing");
    } catch (JsonProcessingException e) {
      throw new ProtocolException(400, "malformed JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("json: bytes in memory cannot be read", e);
    }
  }

  /** Loaded when it is first needed. */
  private static final class Reading {
    private static final ObjectMapper MAPPER = new ObjectMapper();
  }

  /** The protocol's error body. */
  public static String error(String message) {
    return object(out -> out.writeStringField("error", message));
  }
}
