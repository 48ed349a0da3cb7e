package dev.nagare.server.http;

import dev.nagare.server.admission.Serving;
import io.vertx.ext.web.Router;

/**
 * {@code POST /v2/models/{model}/labels}: puts labels of earlier predictions into the log, {@code
 * {"id": …, "label": …}} or a list of those in {@code labels}, and answers with their receipts.
 */
public final class LabelsRoute implements Route {
  private final PostedCall call;

  /** Creates the route. */
  public LabelsRoute(Serving serving, Bodies bodies) {
    this.call = new PostedCall(serving, bodies, Teaching::label);
  }

  @Override
  public void mount(Router router) {
    call.mount(router, "/v2/models/:model/labels");
  }
}
