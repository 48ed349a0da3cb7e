package dev.nagare.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.nagare.server.admission.Serving;
import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.Lineage;
import dev.nagare.streaming.ModelLineage;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;

/**
 * {@code GET /v2/models/{model}/lineage}: which records made the version that answers, and the
 * checkpoints that it can be rebuilt from, newest first. Names are those of the registry's records.
 */
public final class LineageRoute implements Route {
  private final Serving serving;

  /** Creates the route. */
  public LineageRoute(Serving serving) {
    this.serving = serving;
  }

  @Override
  public void mount(Router router) {
    Route.get(router, "/v2/models/:model/lineage", this::answer);
  }

  private void answer(RoutingContext context) {
    ModelLineage lineage = serving.model(context.pathParam("model")).lineage();
    Answers.json(context, 200, Json.object(out -> write(out, lineage)));
  }

  private static void write(JsonGenerator out, ModelLineage lineage) throws IOException {
    out.writeStringField("model", lineage.model());
    out.writeNumberField("version", lineage.version());
    write(out, lineage.lineage());
    out.writeArrayFieldStart("checkpoints");
    for (CheckpointRecord checkpoint : lineage.checkpoints()) {
      out.writeStartObject();
      out.writeStringField("name", checkpoint.name());
      out.writeNumberField("step", checkpoint.step());
      out.writeStringField("sha256", checkpoint.sha256());
      out.writeNumberField("bytes", checkpoint.bytes());
      out.writeNumberField("chunks", checkpoint.chunks());
      out.writeNumberField("chunk_offset", checkpoint.chunkOffset());
      write(out, checkpoint.lineage());
      out.writeStringField("records_digest", checkpoint.recordsDigest());
      out.writeStringField("state_hash", checkpoint.stateHash());
      out.writeStringField("configuration", checkpoint.configuration());
      out.writeStringField("kernel_id", checkpoint.kernelId());
      out.writeStringField("written_at", checkpoint.writtenAt());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void write(JsonGenerator out, Lineage lineage) throws IOException {
    out.writeStringField("topic", lineage.topic());
    out.writeNumberField("partition", lineage.partition());
    out.writeNumberField("first_offset", lineage.firstOffset());
    out.writeNumberField("next_offset", lineage.nextOffset());
    out.writeNumberField("examples", lineage.examples());
    out.writeNumberField("refused", lineage.refused());
    out.writeNumberField("quarantined", lineage.quarantined());
  }
}
