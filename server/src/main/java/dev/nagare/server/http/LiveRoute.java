package dev.nagare.server.http;

import io.vertx.ext.web.Router;

/** {@code GET /v2/health/live}: 200 from the first moment to the last, draining included. */
public final class LiveRoute implements Route {

  @Override
  public void mount(Router router) {
    Route.get(router, "/v2/health/live", context -> Answers.json(context, 200, "{\"live\":true}"));
  }
}
