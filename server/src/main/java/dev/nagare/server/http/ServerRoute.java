package dev.nagare.server.http;

import io.vertx.ext.web.Router;

/** {@code GET /v2}: which server this is. */
public final class ServerRoute implements Route {
  private final String body;

  /** Creates the route. */
  public ServerRoute(String version) {
    body =
        Json.object(
            out -> {
              out.writeStringField("name", "nagare");
              out.writeStringField("version", version);
              out.writeArrayFieldStart("extensions"); // none of the protocol's extensions yet
              out.writeEndArray();
            });
  }

  @Override
  public void mount(Router router) {
    Route.get(router, "/v2", context -> Answers.json(context, 200, body));
  }
}
