package dev.nagare.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.nagare.server.admission.Serving;
import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.ModelLineage;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;

/**
 * {@code GET /v2/models/{model}/snapshots}: the version that answers, and those that can be gone
 * back to, newest first.
 */
public final class SnapshotsRoute implements Route {
  private final Serving serving;

  /** Creates the route. */
  public SnapshotsRoute(Serving serving) {
    this.serving = serving;
  }

  @Override
  public void mount(Router router) {
    Route.get(router, "/v2/models/:model/snapshots", this::answer);
  }

  private void answer(RoutingContext context) {
    ModelLineage lineage = serving.model(context.pathParam("model")).lineage();
    Answers.json(context, 200, Json.object(out -> write(out, lineage)));
  }

  private static void write(JsonGenerator out, ModelLineage lineage) throws IOException {
    out.writeStringField("model_name", lineage.model());
    out.writeStringField("version", Long.toString(lineage.version()));
    out.writeArrayFieldStart("snapshots");
    for (CheckpointRecord checkpoint : lineage.checkpoints()) {
      out.writeStartObject();
      out.writeStringField("version", Long.toString(checkpoint.step()));
      out.writeStringField("trained_through", checkpoint.lineage().trainedThrough());
      out.writeNumberField("examples", checkpoint.lineage().examples());
      out.writeStringField("state_hash", checkpoint.stateHash());
      out.writeStringField("written_at", checkpoint.writtenAt());
      out.writeEndObject();
    }
    out.writeEndArray();
  }
}
