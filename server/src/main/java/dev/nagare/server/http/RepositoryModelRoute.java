package dev.nagare.server.http;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.observe.Requests;
import dev.nagare.server.observe.Trace;
import dev.nagare.streaming.ModelControl;
import dev.nagare.streaming.protocol.ProtocolException;
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
  private final Requests requests;
  private final Bodies bodies;

  /** Creates the route. */
  public RepositoryModelRoute(Serving serving, Requests requests, Bodies bodies) {
    this.serving = serving;
    this.requests = requests;
    this.bodies = bodies;
  }

  @Override
  public void mount(Router router) {
    for (String repository : new String[] {"", "/:repository"}) {
      String models = "/v2/repository" + repository + "/models/:model";
      mount(router, models + "/load", ModelControl::load);
      mount(router, models + "/unload", ModelControl::unload);
    }
  }

  private void mount(
      Router router, String path, BiFunction<ModelControl, String, CompletionStage<Void>> how) {
    String route = path.replaceAll(":([a-z]+)", "{$1}");
    Route.post(router, path, context -> read(context, route, how));
  }

  private void read(
      RoutingContext context,
      String route,
      BiFunction<ModelControl, String, CompletionStage<Void>> how) {
    ModelControl control = serving.control();
    Context loop = context.vertx().getOrCreateContext();
    bodies.read(
        context,
        body -> {
          String model = context.pathParam("model");
          Trace trace = requests.tracing().http(context.request(), route, model, System.nanoTime());
          try {
            ModelControl.requireNothingSent(Json.read(body).path("parameters")::fieldNames);
            how.apply(control, model)
                .whenComplete(
                    (done, thrown) ->
                        loop.runOnContext(
                            ignored -> {
                              if (thrown == null) {
                                Answers.json(context, 200, "{}");
                                requests.ended(200, null, trace);
                              } else {
                                refuse(context, thrown, trace);
                              }
                            }));
          } catch (RuntimeException e) {
            refuse(context, e, trace);
          }
        },
        refusal -> Answers.failure(context, refusal));
  }

  private void refuse(RoutingContext context, Throwable thrown, @Nullable Trace trace) {
    ProtocolException refusal = Answers.refusal(thrown);
    Answers.failure(context, refusal);
    requests.ended(refusal.status(), null, trace);
  }
}
