package dev.nagare.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.nagare.server.admission.Serving;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.streaming.protocol.ModelMetadata.TensorMetadata;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.List;

/** {@code GET /v2/models/{model}[/versions/{version}]}: what the model takes and gives. */
public final class ModelRoute implements Route {
  private final Serving serving;

  /** Creates the route. */
  public ModelRoute(Serving serving) {
    this.serving = serving;
  }

  @Override
  public void mount(Router router) {
    Route.get(router, "/v2/models/:model", this::answer);
    Route.get(router, "/v2/models/:model/versions/:version", this::answer);
  }

  private void answer(RoutingContext context) {
    ModelService model = serving.model(context.pathParam("model"), context.pathParam("version"));
    ModelMetadata metadata = model.metadata();
    Answers.json(
        context,
        200,
        Json.object(
            out -> {
              out.writeStringField("name", metadata.name());
              out.writeArrayFieldStart("versions");
              for (String version : metadata.versions()) {
                out.writeString(version);
              }
              out.writeEndArray();
              out.writeStringField("platform", metadata.platform());
              tensors(out, "inputs", metadata.inputs());
              tensors(out, "outputs", metadata.outputs());
            }));
  }

  private static void tensors(JsonGenerator out, String name, List<TensorMetadata> tensors)
      throws IOException {
    out.writeArrayFieldStart(name);
    for (TensorMetadata tensor : tensors) {
      out.writeStartObject();
      out.writeStringField("name", tensor.name());
      out.writeStringField("datatype", tensor.datatype());
      out.writeArrayFieldStart("shape");
      for (long size : tensor.shape()) {
        out.writeNumber(size);
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    out.writeEndArray();
  }
}
