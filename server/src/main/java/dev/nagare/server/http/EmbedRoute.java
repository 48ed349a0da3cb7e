package dev.nagare.server.http;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.observe.Requests;
import dev.nagare.server.processing.Goal;
import dev.nagare.server.processing.Workshop;
import io.vertx.ext.web.Router;

/**
 * {@code POST /v2/models/{model}[/versions/{version}]/embed}: vectors of texts or a picture, and
 * how alike they are.
 */
public final class EmbedRoute implements Route {
  private final AskedCall.Asking asking;
  private final Workshop workshop;

  /** Creates the route. */
  public EmbedRoute(Serving serving, Requests requests, Bodies bodies, Workshop workshop) {
    this.asking = new AskedCall.Asking("embed", serving, requests, bodies);
    this.workshop = workshop;
  }

  @Override
  public void mount(Router router) {
    asking.mount(router, context -> new ProcessedCall(asking, context, workshop, Goal.EMBEDDINGS));
  }
}
