package dev.nagare.server.http;

import dev.nagare.server.admission.Callers;
import dev.nagare.server.config.Scope;
import dev.nagare.server.metrics.Metrics;
import dev.nagare.server.security.Access;
import dev.nagare.server.security.Principal;
import io.vertx.core.Handler;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What every call passes first: the rules for callers, who it is, and the count of responses. What
 * a caller may do is asked by the path that it reaches: see {@link Route}.
 */
public final class Gate implements Handler<RoutingContext> {
  /** The cookie of a browser that may do everything. */
  public static final String SESSION = "nagare-console";

  private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD);
  private static final String PRINCIPAL = "nagare.principal";
  private static final String ACCESS = "nagare.access";

  private final Callers callers;
  private final Access access;
  private final Metrics metrics;

  /** Creates the gate of a door. */
  public Gate(Callers callers, Access access, Metrics metrics) {
    this.callers = callers;
    this.access = access;
    this.metrics = metrics;
  }

  /** Who calls. */
  public static Principal caller(RoutingContext context) {
    Principal caller = context.get(PRINCIPAL);
    return Objects.requireNonNull(caller, "passed no gate");
  }

  /**
   * Refuses a caller that may not.
   *
   * @throws dev.nagare.streaming.protocol.ProtocolException 401 or 403 that says what is missing
   */
  static void require(RoutingContext context, Scope scope) {
    Access access = context.get(ACCESS);
    Objects.requireNonNull(access, "passed no gate").require(caller(context), scope);
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
    if (refused != null) {
      Answers.error(context, 403, refused);
      return;
    }
    Cookie session = context.request().getCookie(SESSION);
    context.put(ACCESS, access);
    context.put(
        PRINCIPAL,
        access.caller(
            context.request().getHeader(HttpHeaders.AUTHORIZATION),
            session == null ? null : session.getValue()));
    context.next();
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
