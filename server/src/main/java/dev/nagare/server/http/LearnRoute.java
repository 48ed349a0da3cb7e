package dev.nagare.server.http;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.observe.Requests;
import dev.nagare.streaming.protocol.InferenceResponse;
import io.vertx.ext.web.Router;

/**
 * {@code POST /v2/models/{model}/learn}: puts an event into the log that the model learns from, and
 * answers with what had been predicted for it.
 */
public final class LearnRoute implements Route {
  private final PostedCall<InferenceResponse> call;

  /** Creates the route. */
  public LearnRoute(Serving serving, Requests requests, Bodies bodies) {
    this.call =
        new PostedCall<>(
            "learn",
            new PostedCall.Asking(serving, requests, bodies),
            (model, event, caller) -> model.learn(event),
            (model, answer) -> serving.codec().encode(answer));
  }

  @Override
  public void mount(Router router) {
    call.mount(router);
  }
}
