package dev.nagare.server.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;

/**
 * A listener with its routes. All its connections run on the event loop of one context, so what
 * they share needs no locks.
 *
 * <p>Safe for any thread.
 */
public final class HttpDoor {
  /** How long a peer may be silent that is not dead; WebSockets are pinged more often than this. */
  public static final int SILENT_SECONDS = 75;

  private final Listener listener;

  /**
   * Creates a door; {@link #listen} opens it.
   *
   * @param silentSeconds after which a connection from which nothing comes is given up
   */
  public HttpDoor(
      Vertx vertx,
      Context loop,
      Listener.Address address,
      int silentSeconds,
      Gate gate,
      List<Route> routes) {
    Router router = Router.router(vertx);
    router.route().handler(gate).failureHandler(HttpDoor::failed);
    routes.forEach(route -> route.mount(router));
    router.route().handler(HttpDoor::notFound);
    router.errorHandler(400, HttpDoor::malformed);
    this.listener =
        new Listener(
            loop,
            vertx
                .createHttpServer(options(address, silentSeconds))
                .requestHandler(request -> route(router, request))
                .invalidRequestHandler(HttpDoor::invalid));
  }

  /** Opens the door; fails with {@link java.net.BindException} if the port is taken. */
  public Future<Integer> listen() {
    return listener.open();
  }

  /** The port; valid once listening. */
  public int port() {
    return listener.port();
  }

  /**
   * Takes no more connections, lets the open ones finish, and closes what is left after the time.
   */
  public Future<Void> close(Duration patience) {
    return listener.close(patience);
  }

  /** Lets new connections see other certificates. */
  public void renew(ServerSSLOptions certificates) {
    listener.renew(certificates);
  }

  private static HttpServerOptions options(Listener.Address address, int silentSeconds) {
    return address
        .options()
        // Host and Origin rules read HTTP/1.1 headers.
        .setHttp2ClearTextEnabled(false)
        .setReadIdleTimeout(silentSeconds)
        // Vert.x would unpack a frame without a limit: 64 KiB make 64 MiB.
        .setPerFrameWebSocketCompressionSupported(false)
        .setPerMessageWebSocketCompressionSupported(false)
        .setMaxWebSocketFrameSize(address.maxMessageBytes())
        .setWebSocketSubProtocols(List.of("nagare.v2"));
  }

  /** Vert.x throws at some names in the header Host, such as one with a percent sign. */
  private static void route(Router router, HttpServerRequest request) {
    try {
      router.handle(request);
    } catch (RuntimeException e) {
      refuse(request, "expected a well-formed path and a Host header: " + e.getMessage());
    }
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
    // Without a cause it is Vert.x that refused, with 404 a path that begins without a slash.
    if (context.statusCode() == 400 || context.failure() == null) {
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
    refuse(request, "not a valid HTTP request: " + why);
  }

  private static void refuse(HttpServerRequest request, String why) {
    request
        .response()
        .setStatusCode(400)
        .putHeader("Content-Type", "application/json")
        .putHeader("Connection", "close")
        .end(Json.error(why));
  }
}
