package dev.nagare.server.grpc.gate;

import dev.nagare.server.admission.Callers;
import dev.nagare.server.config.Scope;
import dev.nagare.server.grpc.call.Entrance;
import dev.nagare.server.grpc.call.Statuses;
import dev.nagare.server.grpc.call.Visitor;
import dev.nagare.server.security.Access;
import dev.nagare.server.security.Principal;
import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.protocol.ProtocolException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import io.vertx.grpc.common.GrpcStatus;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What every call passes first: the rules for callers, who name this server in {@code :authority},
 * and what a caller may do.
 *
 * @param callers the rules
 * @param access who may what
 * @param limits of messages
 * @param entrance leads to the calls
 * @param next takes who passes
 */
public record Gate(
    Callers callers,
    Access access,
    Limits limits,
    Entrance entrance,
    Handler<HttpServerRequest> next)
    implements Handler<HttpServerRequest> {
  /** Of a call that everybody may make: names of a service or a model. */
  private static final int OPEN_BYTES = 512;

  /** Of all messages of a call that asks for descriptions, which the library reads itself. */
  private static final int REFLECTION_BYTES = 64 << 10;

  /**
   * Of a call beside its messages: what its headers may be at most, which is about what the rest of
   * it takes. A connection has many calls, so they count.
   */
  public static final int CALL_BYTES = 8 << 10;

  /**
   * What messages may take.
   *
   * @param maxMessageBytes of each, before and after it is decompressed
   * @param budget of all
   */
  public record Limits(int maxMessageBytes, ByteBudget budget) {}

  private static final String ENCODING = "grpc-encoding";
  private static final String REFLECTION = "/ServerReflectionInfo";

  @Override
  public void handle(HttpServerRequest request) {
    if (request.version() != HttpVersion.HTTP_2) {
      request
          .response()
          .setStatusCode(400)
          .putHeader("Content-Type", "application/json")
          .putHeader("Connection", "close")
          .end("{\"error\":\"this port speaks gRPC; HTTP/1.1 is answered at server.port\"}");
      return;
    }
    HostAndPort authority = request.authority();
    if (authority != null && authority.host().equals(Authorities.UNREADABLE)) {
      deny(
          request.response(),
          GrpcStatus.INVALID_ARGUMENT,
          "expected a name and a port in :authority, such as localhost:8001, got one that cannot be"
              + " read");
      return;
    }
    String refused = refused(request, authority);
    if (refused != null) {
      deny(request.response(), GrpcStatus.PERMISSION_DENIED, refused);
      return;
    }
    Scope scope = MethodScopes.of(request.path());
    Principal caller;
    try {
      caller = access.caller(request.getHeader("authorization"), null);
      if (scope != null) {
        access.require(caller, scope);
      }
    } catch (ProtocolException e) {
      deny(request.response(), e);
      return;
    }
    if (!request.headers().contains(ENCODING) || request.path().endsWith(REFLECTION)) {
      // The library has no answer for a compressed message that does not say how: it is no message.
      // Reflection it reads itself, and would unpack without a limit.
      request.headers().set(ENCODING, "identity");
    }
    boolean reflects = request.path().endsWith(REFLECTION);
    Visitor visitor = visitor(caller, scope == null, reflects);
    if (!visitor.room().grow(CALL_BYTES)) {
      deny(request.response(), limits.budget().refusal());
      return;
    }
    // For a call that never comes to be one of ours, as reflection.
    visitor.whenRefused(why -> deny(request.response(), why));
    request.response().endHandler(ended -> visitor.room().close());
    request.response().closeHandler(closed -> visitor.room().close());
    entrance.enter(
        visitor,
        () -> next.handle(new MeteredRequest(request, visitor, scope == null || reflects)));
  }

  private Visitor visitor(Principal caller, boolean open, boolean reflects) {
    if (open) {
      return visitor(caller, OPEN_BYTES, "it needs no token");
    }
    return reflects
        ? visitor(caller, REFLECTION_BYTES, "of all that is asked in a call")
        : visitor(caller, limits.maxMessageBytes(), "server.max-body-bytes");
  }

  private Visitor visitor(Principal caller, int most, String reason) {
    return new Visitor(caller, Math.min(most, limits.maxMessageBytes()), reason, limits.budget());
  }

  private @Nullable String refused(HttpServerRequest request, @Nullable HostAndPort authority) {
    String host = authority == null ? null : authority.toString();
    String refused = callers.refuseHost(host, request.localAddress().hostAddress());
    if (refused != null || host == null) {
      return refused;
    }
    return callers.refuseOrigin(request.getHeader("origin"), host);
  }

  private static void deny(HttpServerResponse response, ProtocolException why) {
    if (why.retryAfterMillis() > 0 && !response.headWritten()) {
      response.putHeader("grpc-retry-pushback-ms", Long.toString(why.retryAfterMillis()));
    }
    deny(response, Statuses.of(why.status()), String.valueOf(why.getMessage()));
  }

  private static void deny(HttpServerResponse response, GrpcStatus status, String why) {
    if (response.headWritten()) {
      response.reset();
      return;
    }
    response
        .putHeader("content-type", "application/grpc")
        .putHeader("grpc-status", status.toString())
        .putHeader("grpc-message", percentEncoded(why))
        .end();
  }

  /** As gRPC wants it in a header: printable ASCII but for the percent sign, the rest as bytes. */
  private static String percentEncoded(String text) {
    var encoded = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b >= ' ' && b <= '~' && b != '%') {
        encoded.append((char) b);
      } else {
        encoded.append("%%%02X".formatted(b));
      }
    }
    return encoded.toString();
  }
}
