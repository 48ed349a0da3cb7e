package dev.nagare.server.http;

import dev.nagare.server.admission.Serving;
import io.vertx.ext.web.Router;

/**
 * {@code POST /v2/models/{model}/learn}: puts an event into the log that the model learns from, and
 * answers with what had been predicted for it.
 */
public final class LearnRoute implements Route {
  private final PostedCall call;

  /** Creates the route. */
  public LearnRoute(Serving serving, Bodies bodies) {
    this.call =
        new PostedCall(
            serving, bodies, (model, event, caller) -> Teaching.learn(serving, model, event));
  }

  @Override
  public void mount(Router router) {
    call.mount(router, "/v2/models/:model/learn");
  }
}
