package dev.nagare.server.http;

import dev.nagare.server.metrics.Metrics;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
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
    context
        .vertx()
        .executeBlocking(metrics::page)
        .onSuccess(
            page ->
                context
                    .response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, Metrics.CONTENT_TYPE)
                    .end(Buffer.buffer(page)))
        .onFailure(context::fail);
  }
}
