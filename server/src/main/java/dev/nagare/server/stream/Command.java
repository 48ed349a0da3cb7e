package dev.nagare.server.stream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.nagare.streaming.protocol.ProtocolException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A frame that a client sends.
 *
 * @param type {@code subscribe}, {@code unsubscribe} or {@code infer}
 * @param id echoed in the answer; null if none was given
 * @param model that it is about; null, in a subscription, for all
 * @param history how many past events a subscription wants first
 * @param request bytes of the protocol's request, untouched; null unless given
 */
@SuppressWarnings("ArrayRecordComponent") // read once by the codec, compared by nobody
record Command(
    String type,
    @Nullable String id,
    @Nullable String model,
    int history,
    byte @Nullable [] request) {

  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();

  /**
   * Reads a frame.
   *
   * @throws ProtocolException 400 that says what was expected and what was got
   */
  static Command parse(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    String type = null;
    String id = null;
    String model = null;
    int history = 0;
    byte[] request = null;
    try (JsonParser parser = FACTORY.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw bad("expected a JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String member = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (member) {
          case "type" -> type = text(parser, member);
          case "id" -> id = text(parser, member);
          case "model" -> model = text(parser, member);
          case "history" -> {
            if (value != JsonToken.VALUE_NUMBER_INT) {
              throw bad("expected a whole number as 'history'");
            }
            history = Math.clamp(parser.getLongValue(), 0, EventFeed.HISTORY);
          }
          case "request" -> {
            if (value != JsonToken.START_OBJECT) {
              throw bad("expected a request of the Open Inference Protocol as 'request'");
            }
            int from = (int) parser.currentTokenLocation().getByteOffset();
            parser.skipChildren();
            request =
                Arrays.copyOfRange(bytes, from, (int) parser.currentLocation().getByteOffset());
          }
          default ->
              throw bad(
                  "expected the members type, id, model, history and request, got '"
                      + member
                      + "'");
        }
      }
      if (parser.nextToken() != null) {
        throw bad("expected one JSON object in a frame, got more");
      }
    } catch (JsonProcessingException e) {
      throw bad("not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("frame: a text in memory cannot be read", e);
    }
    if (type == null) {
      throw bad("expected the member 'type': subscribe, unsubscribe or infer");
    }
    return new Command(type, id, model, history, request);
  }

  private static String text(JsonParser parser, String member) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw bad("expected a text as '" + member + "'");
    }
    return parser.getText();
  }

  private static ProtocolException bad(String message) {
    return new ProtocolException(400, "frame: " + message);
  }
}
