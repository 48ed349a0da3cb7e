package dev.nagare.server.http;

import dev.nagare.server.admission.Serving;
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
 * @param maxBodyBytes of a call
 * @param work what is asked of the model
 */
record PostedCall(Serving serving, int maxBodyBytes, Work work) {

  /** What is asked of the model; runs on the event loop. */
  @FunctionalInterface
  interface Work {
    /** Begins it; the answer is JSON. */
    CompletionStage<byte[]> of(ModelService model, byte[] body);
  }

  /** Adds the path, which has a parameter {@code model}. */
  void mount(Router router, String path) {
    Route.post(router, path, this::read);
  }

  private void read(RoutingContext context) {
    BodyReader.read(
        context.request(),
        maxBodyBytes,
        body -> run(context, body),
        refusal -> Answers.failure(context, refusal));
  }

  private void run(RoutingContext context, RequestBody body) {
    Context loop = context.vertx().getOrCreateContext();
    try {
      serving.accept();
    } catch (ProtocolException e) {
      Answers.failure(context, e);
      return;
    }
    try {
      ModelService model = serving.model(context.pathParam("model"));
      var _ =
          work.of(model, body.head(body.length()))
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
