package dev.nagare.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.nagare.server.admission.Serving;
import dev.nagare.streaming.ModelControl;
import dev.nagare.streaming.ModelControl.State;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.List;

/**
 * {@code POST /v2/repository/index}: every version of every model, and what it is doing. With
 * {@code {"ready": true}} only those that answer.
 */
public final class RepositoryIndexRoute implements Route {
  private static final int MOST_BODY_BYTES = 1 << 16;

  private final Serving serving;
  private final Bodies bodies;

  /** Creates the route. */
  public RepositoryIndexRoute(Serving serving, Bodies bodies) {
    this.serving = serving;
    this.bodies = bodies.atMost(MOST_BODY_BYTES);
  }

  @Override
  public void mount(Router router) {
    Route.post(router, "/v2/repository/index", this::read);
    Route.post(router, "/v2/repository/:repository/index", this::read);
  }

  private void read(RoutingContext context) {
    ModelControl control = serving.control();
    bodies.read(
        context,
        body -> {
          try {
            JsonNode json = Json.read(body);
            boolean readyOnly = json.path("ready").asBoolean(false);
            // It reads folders.
            context
                .vertx()
                .executeBlocking(control::index, false)
                .onSuccess(entries -> answer(context, entries, readyOnly))
                .onFailure(thrown -> Answers.failure(context, thrown));
          } catch (RuntimeException e) {
            Answers.failure(context, e);
          }
        },
        refusal -> Answers.failure(context, refusal));
  }

  private static void answer(
      RoutingContext context, List<ModelControl.Entry> entries, boolean readyOnly) {
    Answers.json(
        context,
        200,
        Json.array(
            out -> {
              for (ModelControl.Entry entry : entries) {
                if (!readyOnly || entry.state() == State.READY) {
                  write(out, entry);
                }
              }
            }));
  }

  private static void write(JsonGenerator out, ModelControl.Entry entry) throws IOException {
    out.writeStartObject();
    out.writeStringField("name", entry.name());
    if (entry.version() != null) {
      out.writeStringField("version", entry.version());
    }
    out.writeStringField("state", entry.state().name());
    out.writeStringField("reason", entry.reason());
    out.writeEndObject();
  }
}
