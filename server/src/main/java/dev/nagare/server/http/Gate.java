package dev.nagare.server.http;

import dev.nagare.server.admission.Callers;
import dev.nagare.server.metrics.Metrics;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What every call passes first: the rules for callers, and the count of responses. */
final class Gate implements Handler<RoutingContext> {
  private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD);

  private final Callers callers;
  private final Metrics metrics;

  Gate(Callers callers, Metrics metrics) {
    this.callers = callers;
    this.metrics = metrics;
  }

  @Override
  public void handle(RoutingContext context) {
    context.addEndHandler(
        end -> {
          if (end.succeeded()) {
            metrics.responded(pattern(context.currentRoute()), context.response().getStatusCode());
          }
        });
    context
        .response()
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("Cross-Origin-Resource-Policy", "same-origin");
    String refused = refused(context.request());
    if (refused == null) {
      context.next();
    } else {
      Answers.error(context, 403, refused);
    }
  }

  private @Nullable String refused(HttpServerRequest request) {
    String host = request.getHeader(HttpHeaders.HOST);
    String refused = callers.refuseHost(host, request.localAddress().hostAddress());
    boolean reads = READING.contains(request.method());
    if (refused != null
        || host == null
        || (reads && !request.headers().contains(HttpHeaders.UPGRADE))) {
      return refused;
    }
    return callers.refuseOrigin(request.getHeader(HttpHeaders.ORIGIN), host);
  }

  private static String pattern(@Nullable Route route) {
    return route == null || route.getPath() == null ? "other" : route.getPath();
  }
}
