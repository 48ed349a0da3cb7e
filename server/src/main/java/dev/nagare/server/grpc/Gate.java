package dev.nagare.server.grpc;

import dev.nagare.server.admission.Callers;
import dev.nagare.server.config.Scope;
import dev.nagare.server.security.Access;
import dev.nagare.server.security.Principal;
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
 * @param next takes who passes
 */
record Gate(Callers callers, Access access, Handler<HttpServerRequest> next)
    implements Handler<HttpServerRequest> {
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
    String refused = refused(request);
    if (refused != null) {
      deny(request.response(), GrpcStatus.PERMISSION_DENIED, refused);
      return;
    }
    try {
      Principal caller = access.caller(request.getHeader("authorization"), null);
      Scope scope = MethodScopes.of(request.path());
      if (scope != null) {
        access.require(caller, scope);
      }
    } catch (ProtocolException e) {
      deny(request.response(), Statuses.of(e.status()), String.valueOf(e.getMessage()));
      return;
    }
    if (!request.headers().contains(ENCODING) || request.path().endsWith(REFLECTION)) {
      // The library has no answer for a compressed message that does not say how: it is no message.
      // Reflection it reads itself, and would unpack without a limit.
      request.headers().set(ENCODING, "identity");
    }
    next.handle(request);
  }

  private @Nullable String refused(HttpServerRequest request) {
    HostAndPort authority = request.authority();
    String host = authority == null ? null : authority.toString();
    String refused = callers.refuseHost(host, request.localAddress().hostAddress());
    if (refused != null || host == null) {
      return refused;
    }
    return callers.refuseOrigin(request.getHeader("origin"), host);
  }

  private static void deny(HttpServerResponse response, GrpcStatus status, String why) {
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
