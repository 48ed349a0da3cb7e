package dev.nagare.server.http;

import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.protocol.ProtocolException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Collects a request's body up to a limit and within a budget. Content-Type is not looked at: curl
 * sends that of a form, stock clients of the protocol send none.
 */
final class BodyReader {
  // A refused caller is read on for this long, so that it finds the answer instead of a reset.
  private static final long PATIENCE_BYTES = 64L << 20;

  private final HttpServerRequest request;
  private final Bodies limits;
  private final ByteBudget.Share room;
  private final Consumer<ProtocolException> refuse;
  private @Nullable RequestBody body;
  private long received;

  private BodyReader(
      HttpServerRequest request,
      Bodies limits,
      ByteBudget.Share room,
      Consumer<ProtocolException> refuse) {
    this.request = request;
    this.limits = limits;
    this.room = room;
    this.refuse = refuse;
    this.body = new RequestBody(room);
  }

  /**
   * Reads the body and gives it to one of the two.
   *
   * @param room grows by what comes
   */
  static void read(
      HttpServerRequest request,
      Bodies limits,
      ByteBudget.Share room,
      Consumer<RequestBody> accept,
      Consumer<ProtocolException> refuse) {
    var reader = new BodyReader(request, limits, room, refuse);
    long announced = announced(request);
    if (announced > limits.maxBytes()) {
      reader.tooLarge("got " + announced);
    } else if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
      request.response().writeContinue();
    }
    request.handler(reader::add);
    request.endHandler(
        ignored -> {
          RequestBody whole = reader.body;
          if (whole != null) {
            accept.accept(whole);
          }
        });
  }

  private void add(Buffer chunk) {
    received += chunk.length();
    if (body == null) {
      if (received > PATIENCE_BYTES) {
        request.connection().close();
      }
    } else if (received > limits.maxBytes()) {
      tooLarge("got more");
    } else if (!room.grow(chunk.length())) {
      refuse(limits.budget().refusal());
    } else {
      body.add(chunk);
    }
  }

  private void tooLarge(String got) {
    refuse(
        new ProtocolException(
            413,
            "expected a body of at most "
                + limits.maxBytes()
                + " bytes (server.max-body-bytes), "
                + got));
  }

  private void refuse(ProtocolException why) {
    body = null;
    room.close();
    refuse.accept(why);
  }

  private static long announced(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    return length == null
        ? 0
        : Long.parseLong(length); // the HTTP decoder refuses what is no number
  }
}
