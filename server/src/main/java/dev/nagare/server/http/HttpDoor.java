package dev.nagare.server.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listener with its routes. All its connections run on the event loop of one context, so what
 * they share needs no locks.
 *
 * <p>Safe for any thread.
 */
public final class HttpDoor {
  private static final Logger LOG = LoggerFactory.getLogger(HttpDoor.class);
  private static final int DEAD_PEER_SECONDS = 75; // WebSockets are pinged more often than this

  private final Context loop;
  private final HttpServer server;

  /**
   * Where a door listens.
   *
   * @param host address
   * @param port 0 for any free one
   * @param maxMessageBytes largest WebSocket message
   * @param tls certificates; null for none
   */
  public record Address(
      String host, int port, int maxMessageBytes, @Nullable ServerSSLOptions tls) {}

  /** Creates a door; {@link #listen} opens it. */
  public HttpDoor(Vertx vertx, Context loop, Address address, Gate gate, List<Route> routes) {
    this.loop = loop;
    Router router = Router.router(vertx);
    router.route().handler(gate).failureHandler(HttpDoor::failed);
    routes.forEach(route -> route.mount(router));
    router.route().handler(HttpDoor::notFound);
    router.errorHandler(400, HttpDoor::malformed);
    this.server =
        vertx
            .createHttpServer(options(address))
            .requestHandler(router)
            .invalidRequestHandler(HttpDoor::invalid);
  }

  /** Opens the door; fails with {@link java.net.BindException} if the port is taken. */
  public Future<Integer> listen() {
    Promise<Integer> port = Promise.promise();
    loop.runOnContext(ignored -> server.listen().map(HttpServer::actualPort).onComplete(port));
    return port.future();
  }

  /** The port; valid once listening. */
  public int port() {
    return server.actualPort();
  }

  /**
   * Takes no more connections, lets the open ones finish, and closes what is left after the time.
   */
  public Future<Void> close(Duration patience) {
    return server.shutdown(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Lets new connections see other certificates. */
  public void renew(ServerSSLOptions certificates) {
    server
        .updateSSLOptions(certificates)
        .onFailure(thrown -> LOG.error("Certificates are not usable: {}", thrown.getMessage()));
  }

  private static HttpServerOptions options(Address address) {
    var options =
        new HttpServerOptions()
            .setHost(address.host())
            .setPort(address.port())
            .setReuseAddress(true)
            .setTcpNoDelay(true)
            // Host and Origin rules read HTTP/1.1 headers.
            .setHttp2ClearTextEnabled(false)
            .setReadIdleTimeout(DEAD_PEER_SECONDS)
            .setMaxWebSocketFrameSize(address.maxMessageBytes())
            .setMaxWebSocketMessageSize(address.maxMessageBytes())
            .setWebSocketSubProtocols(List.of("nagare.v2"));
    ServerSSLOptions tls = address.tls();
    if (tls != null) {
      options
          .setSsl(true)
          .setKeyCertOptions(tls.getKeyCertOptions())
          .setTrustOptions(tls.getTrustOptions())
          .setClientAuth(tls.getClientAuth())
          .setEnabledSecureTransportProtocols(tls.getEnabledSecureTransportProtocols());
    }
    return options;
  }

  private static void notFound(RoutingContext context) {
    Answers.error(
        context,
        404,
        "there is nothing at "
            + context.request().path()
            + "; the Open Inference Protocol begins at /v2, the live page is /");
  }

  private static void failed(RoutingContext context) {
    if (context.statusCode() == 400) {
      malformed(context);
    } else {
      Answers.failure(context, context.failure());
    }
  }

  // Vert.x itself found the path or the Host header wanting.
  private static void malformed(RoutingContext context) {
    Answers.error(context, 400, "expected a well-formed path and a Host header");
  }

  private static void invalid(HttpServerRequest request) {
    String why = String.valueOf(request.decoderResult().cause().getMessage());
    request
        .response()
        .setStatusCode(400)
        .putHeader("Content-Type", "application/json")
        .putHeader("Connection", "close")
        .end(Json.error("not a valid HTTP request: " + why));
  }
}
