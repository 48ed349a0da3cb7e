package dev.nagare.server.http;

import io.vertx.ext.web.Router;
import java.util.List;

/** {@code GET /v2}: which server this is, and what it can do beyond the protocol's core. */
public final class ServerRoute implements Route {
  /** As the best known server of the protocol names them; all that is listed is there. */
  private static final List<String> EXTENSIONS =
      List.of(
          "binary_tensor_data",
          "classification",
          "parameters",
          "schedule_policy",
          "statistics",
          "model_configuration",
          "model_repository");

  private final String body;

  /** Creates the route. */
  public ServerRoute(String version) {
    body =
        Json.object(
            out -> {
              out.writeStringField("name", "nagare");
              out.writeStringField("version", version);
              out.writeArrayFieldStart("extensions");
              for (String extension : EXTENSIONS) {
                out.writeString(extension);
              }
              out.writeEndArray();
            });
  }

  @Override
  public void mount(Router router) {
    Route.get(router, "/v2", context -> Answers.json(context, 200, body));
  }
}
