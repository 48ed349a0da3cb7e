package dev.nagare.server.http;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.metrics.Metrics;
import dev.nagare.streaming.LearningEvent;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.ModelStatus;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/**
 * {@code GET /v2/models/{model}/status}: what the model is doing, and under {@code scores} how good
 * it was up to the last record that this process learned from; null before the first.
 */
public final class StatusRoute implements Route {
  private final Serving serving;
  private final Metrics metrics;

  /** Creates the route. */
  public StatusRoute(Serving serving, Metrics metrics) {
    this.serving = serving;
    this.metrics = metrics;
  }

  @Override
  public void mount(Router router) {
    Route.get(router, "/v2/models/:model/status", this::answer);
  }

  private void answer(RoutingContext context) {
    ModelService model = serving.model(context.pathParam("model"));
    ModelStatus status = model.status();
    LearningEvent last = metrics.last(model.name());
    Answers.json(
        context,
        200,
        Json.object(
            out -> {
              out.writeStringField("model", model.name());
              StatusJson.write(out, status);
              if (last == null) {
                out.writeNullField("scores");
                return;
              }
              out.writeObjectFieldStart("scores");
              out.writeNumberField("offset", last.offset());
              out.writeStringField("measure", last.measure());
              StatusJson.numbers(out, "windowed", last.windowed());
              StatusJson.numbers(out, "fading", last.fading());
              out.writeEndObject();
            }));
  }
}
