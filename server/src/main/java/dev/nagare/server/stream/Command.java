package dev.nagare.server.stream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.nagare.streaming.protocol.ProtocolException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A frame that a client sends.
 *
 * @param type what is wanted: see {@link #TYPES}
 * @param id echoed in the answer; null if none was given
 * @param model that it is about; null, in what is about subscriptions, for all
 * @param history how many past events a subscription wants first
 * @param after number of the last event that a subscription has already; {@link #NONE} for none
 * @param credits how many events a subscription takes until it gives more; {@link #NONE} for any
 *     number
 * @param events how many more it takes; {@link #NONE} unless given
 * @param request bytes of what is asked of the model, untouched; null unless given
 */
@SuppressWarnings("ArrayRecordComponent") // read once by the codec, compared by nobody
record Command(
    String type,
    @Nullable String id,
    @Nullable String model,
    long history,
    long after,
    long credits,
    long events,
    byte @Nullable [] request) {

  /** A number that was not given. */
  static final long NONE = -1;

  private static final String TYPES = "subscribe, unsubscribe, credit, infer, learn or label";

  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();

  /** Jackson would read UTF-16 and UTF-32 too, but not say where in the bytes it is. */
  private static final int FIRST_OF_A_MARK = 0xef;

  /**
   * Reads a frame.
   *
   * @throws ProtocolException 400 that says what was expected and what was got
   */
  static Command parse(byte[] json) {
    if (json.length > 1 && (json[0] == 0 || json[1] == 0 || (json[0] & 0xff) >= FIRST_OF_A_MARK)) {
      throw bad("not JSON: expected UTF-8 without a byte order mark");
    }
    var members = new Members();
    try (JsonParser parser = FACTORY.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw bad("expected a JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        members.read(parser, json);
      }
      if (parser.nextToken() != null) {
        throw bad("expected one JSON object in a frame, got more");
      }
    } catch (JsonProcessingException e) {
      throw bad("not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("frame: a text in memory cannot be read", e);
    }
    return members.command();
  }

  /** The refusal of a type that there is not. */
  ProtocolException unknown() {
    return bad("expected the type " + TYPES + ", got '" + type + "'");
  }

  /**
   * The model and what is asked of it.
   *
   * @param expected what the request should have been
   * @throws ProtocolException 400 if one is missing
   */
  Question question(String expected) {
    if (model == null || request == null) {
      throw bad("expected the members 'model' and 'request', " + expected);
    }
    return new Question(model, request);
  }

  /** What is asked of a model. */
  @SuppressWarnings("ArrayRecordComponent") // read once by the codec, compared by nobody
  record Question(String model, byte[] request) {}

  /** The members as they are read. */
  private static final class Members {
    private @Nullable String type;
    private @Nullable String id;
    private @Nullable String model;
    private long history;
    private long after = NONE;
    private long credits = NONE;
    private long events = NONE;
    private byte @Nullable [] request;

    void read(JsonParser parser, byte[] json) throws IOException {
      String member = parser.currentName();
      parser.nextToken();
      switch (member) {
        case "type" -> type = text(parser, member);
        case "id" -> id = text(parser, member);
        case "model" -> model = text(parser, member);
        case "history" -> history = whole(parser, member);
        case "after" -> after = whole(parser, member);
        case "credits" -> credits = whole(parser, member);
        case "events" -> events = whole(parser, member);
        case "request" -> request = object(parser, member, json);
        default ->
            throw bad(
                "expected the members type, id, model, history, after, credits, events and"
                    + " request, got '"
                    + member
                    + "'");
      }
    }

    Command command() {
      if (type == null) {
        throw bad("expected the member 'type': " + TYPES);
      }
      return new Command(type, id, model, history, after, credits, events, request);
    }
  }

  private static String text(JsonParser parser, String member) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw bad("expected a text as '" + member + "'");
    }
    return parser.getText();
  }

  private static long whole(JsonParser parser, String member) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
        || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
        || parser.getLongValue() < 0) {
      throw bad("expected a whole number from 0 up as '" + member + "'");
    }
    return parser.getLongValue();
  }

  private static byte[] object(JsonParser parser, String member, byte[] json) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw bad("expected an object as '" + member + "': the body that the HTTP call would have");
    }
    int from = (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    return Arrays.copyOfRange(json, from, (int) parser.currentLocation().getByteOffset());
  }

  /** A refusal of a frame. */
  static ProtocolException bad(String message) {
    return new ProtocolException(400, "frame: " + message);
  }
}
