package dev.nagare.server.http;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.observe.Requests;
import dev.nagare.streaming.LabelReceipt;
import io.vertx.ext.web.Router;
import java.util.List;

/**
 * {@code POST /v2/models/{model}/labels}: puts labels of earlier predictions into the log, {@code
 * {"id": …, "label": …}} or a list of those in {@code labels}, and answers with their receipts.
 */
public final class LabelsRoute implements Route {
  private final PostedCall<List<LabelReceipt>> call;

  /** Creates the route. */
  public LabelsRoute(Serving serving, Requests requests, Bodies bodies) {
    this.call =
        new PostedCall<>(
            "labels",
            new PostedCall.Asking(serving, requests, bodies),
            Teaching::label,
            Teaching::receipts);
  }

  @Override
  public void mount(Router router) {
    call.mount(router);
  }
}
