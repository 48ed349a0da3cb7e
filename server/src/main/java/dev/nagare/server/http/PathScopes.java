package dev.nagare.server.http;

import dev.nagare.server.config.Scope;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which scope each path needs. By the patterns that routes are mounted with, so that no way of
 * writing a path leads around it; what is not named here is read with {@code infer} and changed
 * with {@code manage}.
 */
final class PathScopes {
  /** For probes, for scrapers, and for the page, which shows nothing before its socket is open. */
  private static final Set<String> OPEN =
      Set.of(
          "/v2/health/live",
          "/v2/health/ready",
          "/metrics",
          "/",
          "/console.css",
          "/console.js",
          "/favicon.svg",
          "/uplot.css",
          "/uplot.js",
          "/api",
          "/api.js",
          "/openapi.yaml",
          "/swagger-ui.css",
          "/swagger-ui.js");

  private static final Set<String> ASKING = Set.of("infer", "classify", "embed", "index");
  private static final Set<String> TEACHING = Set.of("learn", "labels");

  private PathScopes() {}

  /** The scope of a path; null if everybody may. */
  static @Nullable Scope of(boolean reads, String pattern) {
    if (OPEN.contains(pattern)) {
      return null;
    }
    String last = pattern.substring(pattern.lastIndexOf('/') + 1);
    if (reads || ASKING.contains(last)) {
      return Scope.INFER;
    }
    return TEACHING.contains(last) ? Scope.LEARN : Scope.MANAGE;
  }

  /** Asks for it. */
  static Handler<RoutingContext> ask(boolean reads, String pattern) {
    Scope scope = of(reads, pattern);
    return context -> {
      if (scope != null) {
        Gate.caller(context).require(scope);
      }
      context.next();
    };
  }
}
