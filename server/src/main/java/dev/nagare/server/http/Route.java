package dev.nagare.server.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** A path of the door. Which scope a caller needs for it, {@link PathScopes} says. */
public interface Route {

  /** Adds the path to the router. */
  void mount(Router router);

  /** Adds a path that is read: GET and HEAD; other methods are answered 405. */
  static void get(Router router, String path, Handler<RoutingContext> handler) {
    router
        .route(path)
        .method(HttpMethod.GET)
        .method(HttpMethod.HEAD)
        .handler(PathScopes.ask(true, path))
        .handler(handler);
    only(router, path, "GET, HEAD");
  }

  /** Adds a path that takes POST; other methods are answered 405. */
  static void post(Router router, String path, Handler<RoutingContext> handler) {
    router
        .route(path)
        .method(HttpMethod.POST)
        .handler(PathScopes.ask(false, path))
        .handler(handler);
    only(router, path, "POST");
  }

  private static void only(Router router, String path, String methods) {
    router
        .route(path)
        .handler(
            context -> {
              context.response().putHeader("Allow", methods);
              Answers.error(
                  context,
                  405,
                  "expected "
                      + methods.replace(", ", " or ")
                      + ", got "
                      + context.request().method());
            });
  }
}
