package dev.nagare.server.http;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.observe.Requests;
import dev.nagare.server.processing.Goal;
import dev.nagare.server.processing.Workshop;
import io.vertx.ext.web.Router;

/**
 * {@code POST /v2/models/{model}[/versions/{version}]/classify}: the best labels of a picture or a
 * text.
 */
public final class ClassifyRoute implements Route {
  private final AskedCall.Asking asking;
  private final Workshop workshop;

  /** Creates the route. */
  public ClassifyRoute(Serving serving, Requests requests, Bodies bodies, Workshop workshop) {
    this.asking = new AskedCall.Asking("classify", serving, requests, bodies);
    this.workshop = workshop;
  }

  @Override
  public void mount(Router router) {
    asking.mount(router, context -> new ProcessedCall(asking, context, workshop, Goal.CLASSES));
  }
}
