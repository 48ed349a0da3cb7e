package dev.nagare.server.http;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.observe.Requests;
import dev.nagare.streaming.protocol.InferenceResponse;
import io.vertx.ext.web.Router;

/**
 * {@code POST /v2/models/{model}/rollback}: takes the model back to a snapshot, {@code {"version":
 * …}}, by a record in the log that it learns from.
 */
public final class RollbackRoute implements Route {
  private final PostedCall<InferenceResponse> call;

  /** Creates the route. */
  public RollbackRoute(Serving serving, Requests requests, Bodies bodies) {
    this.call =
        new PostedCall<>(
            "rollback",
            new PostedCall.Asking(serving, requests, bodies),
            (model, body, caller) -> model.rollBack(body),
            (model, answer) -> serving.codec().encode(answer));
  }

  @Override
  public void mount(Router router) {
    call.mount(router);
  }
}
