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
  public LearnRoute(Serving serving, int maxBodyBytes) {
    this.call =
        new PostedCall(
            serving,
            maxBodyBytes,
            (model, event) ->
                model.learn(event).thenApply(answer -> serving.codec().encode(answer)));
  }

  @Override
  public void mount(Router router) {
    call.mount(router, "/v2/models/:model/learn");
  }
}
