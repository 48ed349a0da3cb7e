package dev.nagare.server.http;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.security.Identity;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.protocol.ProtocolException;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A call with a body that a model answers in its own time, in JSON: what such routes have in
 * common.
 *
 * @param serving whose models are called
 * @param bodies how they are read
 * @param work what is asked of the model
 */
record PostedCall(Serving serving, Bodies bodies, Work work) {

  /** What is asked of the model; runs on the event loop. */
  @FunctionalInterface
  interface Work {
    /** Begins it; the answer is JSON. */
    CompletionStage<byte[]> of(ModelService model, byte[] body, Identity caller);
  }

  /** Adds the path, which has a parameter {@code model}. */
  void mount(Router router, String path) {
    Route.post(router, path, this::read);
  }

  private void read(RoutingContext context) {
    bodies.read(context, body -> run(context, body), refusal -> Answers.failure(context, refusal));
  }

  private void run(RoutingContext context, RequestBody body) {
    Context loop = context.vertx().getOrCreateContext();
    try {
      serving.accept();
    } catch (ProtocolException e) {
      Answers.failure(context, e);
      return;
    }
    try (body) { // what it says is copied
      ModelService model = serving.model(context.pathParam("model"));
      var _ =
          work.of(model, body.bytes(0, body.length()), Gate.caller(context))
              .whenComplete(
                  (answer, thrown) -> loop.runOnContext(ignored -> end(context, answer, thrown)));
    } catch (RuntimeException e) {
      end(context, null, e);
    }
  }

  private void end(RoutingContext context, byte @Nullable [] answer, @Nullable Throwable thrown) {
    try {
      if (answer == null) {
        Answers.failure(context, thrown);
      } else {
        Answers.json(context, 200, Buffer.buffer(answer));
      }
    } finally {
      serving.answered();
    }
  }
}
