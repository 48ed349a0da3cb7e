package dev.nagare.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.nagare.server.admission.Serving;
import dev.nagare.server.metrics.Metrics;
import dev.nagare.server.metrics.Tally;
import dev.nagare.streaming.ModelService;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.Collection;
import java.util.List;

/**
 * {@code GET /v2/models[/{model}[/versions/{version}]]/stats}: what models did since this process
 * started, whichever version did it. Times are in nanoseconds; {@code last_inference} is in
 * milliseconds since 1970. Copying counts as computing: these groups are 0.
 */
public final class StatsRoute implements Route {
  private final Serving serving;
  private final Metrics metrics;

  /** Creates the route. */
  public StatsRoute(Serving serving, Metrics metrics) {
    this.serving = serving;
    this.metrics = metrics;
  }

  @Override
  public void mount(Router router) {
    Route.get(router, "/v2/models/stats", context -> answer(context, serving.models()));
    Route.get(router, "/v2/models/:model/stats", this::one);
    Route.get(router, "/v2/models/:model/versions/:version/stats", this::one);
  }

  private void one(RoutingContext context) {
    String name = context.pathParam("model");
    answer(context, List.of(serving.model(name, context.pathParam("version"))));
  }

  private void answer(RoutingContext context, Collection<ModelService> models) {
    Answers.json(
        context,
        200,
        Json.object(
            out -> {
              out.writeArrayFieldStart("model_stats");
              for (ModelService model : models) {
                write(out, model, metrics.tally(model.name()));
              }
              out.writeEndArray();
            }));
  }

  private static void write(JsonGenerator out, ModelService model, Tally tally) throws IOException {
    out.writeStartObject();
    out.writeStringField("name", model.name());
    out.writeStringField("version", Long.toString(model.status().version()));
    out.writeNumberField("last_inference", tally.lastMillis());
    out.writeNumberField("inference_count", tally.rows());
    out.writeNumberField("execution_count", tally.batches());
    out.writeObjectFieldStart("inference_stats");
    group(out, "success", tally.succeeded());
    group(out, "fail", tally.failed());
    group(out, "queue", tally.queued());
    group(out, "compute_input", Tally.Sum.NONE);
    group(out, "compute_infer", tally.computed());
    group(out, "compute_output", Tally.Sum.NONE);
    group(out, "cache_hit", tally.known());
    group(out, "cache_miss", tally.unknown());
    out.writeEndObject();
    out.writeArrayFieldStart("batch_stats");
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void group(JsonGenerator out, String name, Tally.Sum sum) throws IOException {
    out.writeObjectFieldStart(name);
    out.writeNumberField("count", sum.count());
    out.writeNumberField("ns", sum.nanos());
    out.writeEndObject();
  }
}
