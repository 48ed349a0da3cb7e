package dev.nagare.server.http;

import dev.nagare.server.admission.Readiness;
import dev.nagare.server.admission.Serving;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/**
 * {@code GET /v2/health/ready}: 200 if every model answers, with {@code degraded} while learning
 * stands still; 503 with the reason while starting or draining.
 */
public final class ReadyRoute implements Route {
  private final Serving serving;

  /** Creates the route. */
  public ReadyRoute(Serving serving) {
    this.serving = serving;
  }

  @Override
  public void mount(Router router) {
    Route.get(router, "/v2/health/ready", this::answer);
  }

  private void answer(RoutingContext context) {
    Readiness readiness = Readiness.of(serving);
    String body =
        Json.object(
            out -> {
              out.writeBooleanField("ready", readiness.ready());
              if (readiness.reason() != null) {
                out.writeStringField("reason", readiness.reason());
                out.writeStringField("error", readiness.reason());
              }
              if (readiness.degraded() != null) {
                out.writeStringField("degraded", readiness.degraded());
              }
            });
    Answers.json(context, readiness.ready() ? 200 : 503, body);
  }
}
