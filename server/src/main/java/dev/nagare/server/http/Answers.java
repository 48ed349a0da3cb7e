package dev.nagare.server.http;

import dev.nagare.streaming.protocol.ProtocolException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ends of a call. A caller that has left gets nothing, which is no error. */
public final class Answers {
  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

  private Answers() {}

  /** Ends with JSON. */
  public static void json(RoutingContext context, int status, Buffer body) {
    json(context, status, body, 0);
  }

  private static void json(RoutingContext context, int status, Buffer body, long retryAfterMillis) {
    HttpServerResponse response = context.response();
    if (response.ended() || response.closed()) {
      return;
    }
    response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, JSON);
    if (status == 429 || status == 503) {
      // Whole seconds, and of 0 a client makes an attack.
      long seconds = Math.max(1, Math.ceilDiv(retryAfterMillis, 1000));
      response.putHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
    }
    if (status == 401) {
      response.putHeader("WWW-Authenticate", "Bearer realm=\"nagare\"");
    }
    response.end(body);
  }

  /** Ends with JSON. */
  public static void json(RoutingContext context, int status, String body) {
    json(context, status, Buffer.buffer(body));
  }

  /** Ends with {@code {"error": message}}. */
  public static void error(RoutingContext context, int status, String message) {
    json(context, status, Json.error(message));
  }

  /** Ends with what went wrong: a refusal as it says, anything else as 500. */
  public static void failure(RoutingContext context, @Nullable Throwable thrown) {
    ProtocolException refusal = refusal(thrown);
    String body = Json.error(String.valueOf(refusal.getMessage()));
    json(context, refusal.status(), Buffer.buffer(body), refusal.retryAfterMillis());
  }

  /** The refusal behind a failure; what is none is logged, and the caller learns only that. */
  public static ProtocolException refusal(@Nullable Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    if (cause instanceof ProtocolException refusal) {
      return refusal;
    }
    LOG.error("A request failed for a reason that is not the caller's", cause);
    return new ProtocolException(500, "the server failed at this request; its log says why");
  }
}
