package dev.nagare.server.http;

import dev.nagare.streaming.protocol.ProtocolException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Collects a request's body up to a limit. Content-Type is not looked at: curl sends that of a
 * form, stock clients of the protocol send none.
 */
final class BodyReader {
  // A refused caller is read on for this long, so that it finds the answer instead of a reset.
  private static final long PATIENCE_BYTES = 64L << 20;

  private final HttpServerRequest request;
  private final int limitBytes;
  private final Consumer<ProtocolException> refuse;
  private @Nullable RequestBody body = new RequestBody();
  private long received;

  private BodyReader(
      HttpServerRequest request, int limitBytes, Consumer<ProtocolException> refuse) {
    this.request = request;
    this.limitBytes = limitBytes;
    this.refuse = refuse;
  }

  /** Reads the body and gives it to one of the two. */
  static void read(
      HttpServerRequest request,
      int limitBytes,
      Consumer<RequestBody> accept,
      Consumer<ProtocolException> refuse) {
    var reader = new BodyReader(request, limitBytes, refuse);
    long announced = announced(request);
    if (announced > limitBytes) {
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
    } else if (received > limitBytes) {
      tooLarge("got more");
    } else {
      body.add(chunk);
    }
  }

  private void tooLarge(String got) {
    body = null;
    refuse.accept(
        new ProtocolException(
            413,
            "expected a body of at most " + limitBytes + " bytes (server.max-body-bytes), " + got));
  }

  private static long announced(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    return length == null
        ? 0
        : Long.parseLong(length); // the HTTP decoder refuses what is no number
  }
}
