package dev.nagare.server.http;

import dev.nagare.server.admission.Serving;
import dev.nagare.streaming.ModelControl;
import io.vertx.core.Context;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v2/repository/models/{model}/load} and {@code …/unload}: answered when it is done,
 * {@code 200 {}}. What is loaded is what lies in the repository's folder; nothing of it can be sent
 * along.
 */
public final class RepositoryModelRoute implements Route {
  private final Serving serving;
  private final Bodies bodies;

  /** Creates the route. */
  public RepositoryModelRoute(Serving serving, Bodies bodies) {
    this.serving = serving;
    this.bodies = bodies;
  }

  @Override
  public void mount(Router router) {
    for (String repository : new String[] {"", "/:repository"}) {
      String models = "/v2/repository" + repository + "/models/:model";
      Route.post(router, models + "/load", context -> read(context, ModelControl::load));
      Route.post(router, models + "/unload", context -> read(context, ModelControl::unload));
    }
  }

  private void read(
      RoutingContext context, BiFunction<ModelControl, String, CompletionStage<Void>> how) {
    ModelControl control = serving.control();
    Context loop = context.vertx().getOrCreateContext();
    bodies.read(
        context,
        body -> {
          try {
            ModelControl.requireNothingSent(Json.read(body).path("parameters")::fieldNames);
            how.apply(control, context.pathParam("model"))
                .whenComplete(
                    (done, thrown) -> loop.runOnContext(ignored -> answer(context, thrown)));
          } catch (RuntimeException e) {
            Answers.failure(context, e);
          }
        },
        refusal -> Answers.failure(context, refusal));
  }

  private static void answer(RoutingContext context, @Nullable Throwable thrown) {
    if (thrown == null) {
      Answers.json(context, 200, "{}");
    } else {
      Answers.failure(context, thrown);
    }
  }
}
