package dev.nagare.server.http;

import dev.nagare.server.admission.Serving;
import io.vertx.ext.web.Router;

/**
 * {@code POST /v2/models/{model}/rollback}: takes the model back to a snapshot, {@code {"version":
 * …}}, by a record in the log that it learns from.
 */
public final class RollbackRoute implements Route {
  private final PostedCall call;

  /** Creates the route. */
  public RollbackRoute(Serving serving, Bodies bodies) {
    this.call =
        new PostedCall(
            serving,
            bodies,
            (model, body, caller) ->
                model.rollBack(body).thenApply(answer -> serving.codec().encode(answer)));
  }

  @Override
  public void mount(Router router) {
    call.mount(router, "/v2/models/:model/rollback");
  }
}
