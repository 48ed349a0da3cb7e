package dev.nagare.server.http;

import io.vertx.ext.web.Router;

/**
 * {@code GET /openapi.yaml}: the description of this door, OpenAPI 3.1; and {@code GET /api}: a
 * page that shows it and tries its calls.
 */
public final class OpenApiRoute implements Route {

  /** Creates the route. */
  public OpenApiRoute() {}

  @Override
  public void mount(Router router) {
    String here = OpenApiRoute.class.getPackageName().replace('.', '/') + "/";
    String swagger = StaticAsset.webjar("org.webjars", "swagger-ui");
    StaticAsset.serve(router, "/openapi.yaml", here + "openapi.yaml", "application/yaml");
    StaticAsset.serve(router, "/api", here + "api.html", "text/html; charset=utf-8");
    StaticAsset.serve(router, "/api.js", here + "api.js", "text/javascript; charset=utf-8");
    StaticAsset.serve(
        router, "/swagger-ui.css", swagger + "swagger-ui.css", "text/css; charset=utf-8");
    StaticAsset.serve(
        router,
        "/swagger-ui.js",
        swagger + "swagger-ui-bundle.js",
        "text/javascript; charset=utf-8");
  }
}
