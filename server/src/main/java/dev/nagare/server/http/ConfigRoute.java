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
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code GET /v2/models/{model}[/versions/{version}]/config}: the model as Triton's tools want it
 * described. Where every tensor begins with a free size, that is the batch: {@code max_batch_size}
 * is how many rows one request may have, and {@code dims} leave it out. Otherwise it is 0.
 */
public final class ConfigRoute implements Route {
  private final Serving serving;
  private final int mostRows;

  /**
   * Creates the route.
   *
   * @param mostRows that one request may have
   */
  public ConfigRoute(Serving serving, int mostRows) {
    this.serving = serving;
    this.mostRows = mostRows;
  }

  @Override
  public void mount(Router router) {
    Route.get(router, "/v2/models/:model/config", this::answer);
    Route.get(router, "/v2/models/:model/versions/:version/config", this::answer);
  }

  private void answer(RoutingContext context) {
    ModelService model = serving.model(context.pathParam("model"), context.pathParam("version"));
    ModelMetadata metadata = model.metadata();
    Map<String, String> parameters = new TreeMap<>(model.parameters());
    Answers.json(
        context,
        200,
        Json.object(out -> write(out, metadata, parameters, model.remembersAnswers())));
  }

  private void write(
      JsonGenerator out, ModelMetadata model, Map<String, String> parameters, boolean remembers)
      throws IOException {
    boolean batches = model.takesBatches();
    out.writeStringField("name", model.name());
    out.writeStringField("platform", model.platform());
    out.writeStringField("backend", "nagare");
    out.writeNumberField("max_batch_size", batches ? mostRows : 0);
    tensors(out, "input", model.inputs(), batches, true);
    tensors(out, "output", model.outputs(), batches, false);
    if (batches) {
      out.writeObjectFieldStart("dynamic_batching");
      out.writeEndObject();
    }
    if (!parameters.isEmpty()) {
      out.writeObjectFieldStart("parameters");
      for (var parameter : parameters.entrySet()) {
        out.writeObjectFieldStart(parameter.getKey());
        out.writeStringField("string_value", parameter.getValue());
        out.writeEndObject();
      }
      out.writeEndObject();
    }
    out.writeObjectFieldStart("model_transaction_policy");
    out.writeBooleanField("decoupled", false);
    out.writeEndObject();
    out.writeObjectFieldStart("response_cache");
    out.writeBooleanField("enable", remembers);
    out.writeEndObject();
  }

  private static void tensors(
      JsonGenerator out, String name, List<TensorMetadata> tensors, boolean batches, boolean input)
      throws IOException {
    out.writeArrayFieldStart(name);
    for (TensorMetadata tensor : tensors) {
      out.writeStartObject();
      out.writeStringField("name", tensor.name());
      out.writeStringField("data_type", "TYPE_" + tensor.datatype());
      out.writeArrayFieldStart("dims");
      for (long size : tensor.dims(batches)) {
        out.writeNumber(size);
      }
      out.writeEndArray();
      if (input) {
        out.writeBooleanField("is_shape_tensor", false);
        out.writeBooleanField("optional", false);
      }
      out.writeEndObject();
    }
    out.writeEndArray();
  }
}
