package dev.nagare.server.http;

import dev.nagare.server.admission.Serving;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.ModelStatus;
import dev.nagare.streaming.protocol.ProtocolException;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** {@code GET /v2/models/{model}[/versions/{version}]/ready}: whether the model answers. */
public final class ModelReadyRoute implements Route {
  private final Serving serving;

  /** Creates the route. */
  public ModelReadyRoute(Serving serving) {
    this.serving = serving;
  }

  @Override
  public void mount(Router router) {
    Route.get(router, "/v2/models/:model/ready", this::answer);
    Route.get(router, "/v2/models/:model/versions/:version/ready", this::answer);
  }

  private void answer(RoutingContext context) {
    ModelService model = serving.model(context.pathParam("model"), context.pathParam("version"));
    ModelStatus status = model.status();
    if (serving.phase() != Serving.Phase.OPEN) {
      throw new ProtocolException(503, serving.unready());
    }
    if (!status.ready()) {
      throw new ProtocolException(503, "model '" + model.name() + "' does not answer yet");
    }
    Answers.json(
        context,
        200,
        Json.object(
            out -> {
              out.writeStringField("name", model.name());
              out.writeBooleanField("ready", true);
              if (status.degraded() != null) {
                out.writeStringField("degraded", status.degraded());
              }
            }));
  }
}
