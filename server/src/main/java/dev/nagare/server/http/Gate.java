package dev.nagare.server.http;

import dev.nagare.server.admission.Callers;
import dev.nagare.server.admission.Serving;
import dev.nagare.server.metrics.Metrics;
import dev.nagare.server.security.Access;
import dev.nagare.server.security.Identity;
import io.vertx.core.Handler;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What every call passes first: the rules for callers, who it is, and the count of responses. What
 * a caller may do is asked by the path that it reaches: see {@link Route}.
 */
public final class Gate implements Handler<RoutingContext> {
  /** The cookie of a browser that may do everything. */
  public static final String SESSION = "nagare-console";

  private static final CharSequence CONTENT_TYPE_OPTIONS =
      HttpHeaders.createOptimized("X-Content-Type-Options");
  private static final CharSequence NOSNIFF = HttpHeaders.createOptimized("nosniff");
  private static final CharSequence RESOURCE_POLICY =
      HttpHeaders.createOptimized("Cross-Origin-Resource-Policy");
  private static final CharSequence SAME_ORIGIN = HttpHeaders.createOptimized("same-origin");
  private static final String IDENTITY = "nagare.identity";

  private static final CharSequence CLOSE = HttpHeaders.createOptimized("close");

  private final Serving serving;
  private final Callers callers;
  private final Access access;
  private final Metrics metrics;

  /** Creates the gate of a door. */
  public Gate(Serving serving, Callers callers, Access access, Metrics metrics) {
    this.serving = serving;
    this.callers = callers;
    this.access = access;
    this.metrics = metrics;
  }

  /** Who calls. */
  public static Identity caller(RoutingContext context) {
    Identity caller = context.get(IDENTITY);
    return Objects.requireNonNull(caller, "passed no gate");
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
        .putHeader(CONTENT_TYPE_OPTIONS, NOSNIFF)
        .putHeader(RESOURCE_POLICY, SAME_ORIGIN);
    if (serving.phase().stops() && !context.request().headers().contains(HttpHeaders.UPGRADE)) {
      // The next request of this caller belongs on a connection to another server: this one ends
      // with the answer, at the latest when its door is closed.
      context.response().putHeader(HttpHeaders.CONNECTION, CLOSE);
      var _ = context.request().connection().shutdown(1, TimeUnit.HOURS);
    }
    String refused = refused(context.request());
    if (refused != null) {
      Answers.error(context, 403, refused);
      return;
    }
    Cookie session =
        context.request().headers().contains(HttpHeaders.COOKIE)
            ? context.request().getCookie(SESSION)
            : null;
    context.put(
        IDENTITY,
        new Identity(
            access,
            context.request().getHeader(HttpHeaders.AUTHORIZATION),
            session == null ? null : session.getValue()));
    context.next();
  }

  private @Nullable String refused(HttpServerRequest request) {
    String host = request.getHeader(HttpHeaders.HOST);
    String refused = callers.refuseHost(host, request.localAddress().hostAddress());
    HttpMethod method = request.method();
    boolean reads = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
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
