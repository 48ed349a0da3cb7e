package dev.nagare.server.http;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.observe.Requests;
import dev.nagare.server.observe.Trace;
import dev.nagare.server.security.Principal;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A call with a body that a model answers in its own time, in JSON, and that asks for no
 * prediction: what such routes have in common.
 *
 * @param verb last part of its path
 * @param asking whose models are called, how bodies are read
 * @param work what is asked of the model
 * @param form of the answer
 * @param <R> what the model answers
 */
record PostedCall<R>(String verb, Asking asking, Work<R> work, Form<R> form) {

  /**
   * What all such calls are made with.
   *
   * @param serving whose models are called
   * @param requests told of the calls
   * @param bodies how they are read
   */
  record Asking(Serving serving, Requests requests, Bodies bodies) {}

  /** What is asked of the model; runs on the event loop. */
  @FunctionalInterface
  interface Work<R> {
    /** Begins it. */
    CompletionStage<R> of(ModelService model, byte[] body, Principal caller);
  }

  /** How the answer is sent. */
  @FunctionalInterface
  interface Form<R> {
    /** As JSON. */
    byte[] of(ModelService model, R answer);
  }

  /** Adds its path. */
  void mount(Router router) {
    Route.post(
        router,
        "/v2/models/:model/" + verb,
        context ->
            asking.bodies.read(
                context, body -> run(context, body), refusal -> Answers.failure(context, refusal)));
  }

  private void run(RoutingContext context, RequestBody body) {
    Context loop = context.vertx().getOrCreateContext();
    String name = context.pathParam("model");
    Trace trace =
        asking
            .requests
            .tracing()
            .http(context.request(), "/v2/models/{model}/" + verb, name, System.nanoTime());
    try {
      asking.serving.accept();
    } catch (ProtocolException e) {
      refuse(context, e, trace);
      return;
    }
    try (body) { // what it says is copied
      ModelService model = asking.serving.model(name);
      var _ =
          work.of(model, body.bytes(0, body.length()), Gate.caller(context).principal())
              .whenComplete(
                  (answer, thrown) ->
                      loop.runOnContext(ignored -> end(context, model, answer, thrown, trace)));
    } catch (RuntimeException e) {
      refuse(context, e, trace);
      asking.serving.answered();
    }
  }

  private void end(
      RoutingContext context,
      ModelService model,
      @Nullable R answer,
      @Nullable Throwable thrown,
      @Nullable Trace trace) {
    try {
      if (answer == null) {
        refuse(context, thrown, trace);
      } else {
        Answers.json(context, 200, Buffer.buffer(form.of(model, answer)));
        InferenceResponse response = answer instanceof InferenceResponse of ? of : null;
        asking.requests.ended(200, response, trace);
      }
    } finally {
      asking.serving.answered();
    }
  }

  private void refuse(RoutingContext context, @Nullable Throwable thrown, @Nullable Trace trace) {
    ProtocolException refusal = Answers.refusal(thrown);
    Answers.failure(context, refusal);
    asking.requests.ended(refusal.status(), null, trace);
  }
}
