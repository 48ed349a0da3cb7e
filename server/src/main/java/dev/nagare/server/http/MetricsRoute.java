package dev.nagare.server.http;

import dev.nagare.server.metrics.Exposition;
import dev.nagare.server.metrics.Metrics;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.MIMEHeader;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** {@code GET /metrics}: the Prometheus page, on a port of its own. */
public final class MetricsRoute implements Route {
  private final Metrics metrics;

  /** Creates the route. */
  public MetricsRoute(Metrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public void mount(Router router) {
    Route.get(router, "/metrics", this::answer);
  }

  private void answer(RoutingContext context) {
    Exposition form = wanted(context);
    context
        .vertx()
        .executeBlocking(() -> metrics.page(form))
        .onSuccess(
            page ->
                context
                    .response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, form.contentType())
                    .end(Buffer.buffer(page)))
        .onFailure(context::fail);
  }

  /** What the caller would rather read; text, if it does not say. */
  private static Exposition wanted(RoutingContext context) {
    for (MIMEHeader each : context.parsedHeaders().accept()) { // the best first
      if (each.subComponent().equals("openmetrics-text") && each.weight() > 0) {
        return Exposition.OPEN_METRICS;
      }
      if (each.component().equals("text") || each.component().equals("*")) {
        return Exposition.TEXT;
      }
    }
    return Exposition.TEXT;
  }
}
