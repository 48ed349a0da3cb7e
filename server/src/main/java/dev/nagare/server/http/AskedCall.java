package dev.nagare.server.http;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.observe.Requests;
import dev.nagare.server.observe.Trace;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.AnswerForm;
import dev.nagare.streaming.protocol.EncodedAnswer;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import io.vertx.core.internal.ContextInternal;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One call that asks a model, from its last byte to its answer: what such routes have in common,
 * however they are asked and answered. On the event loop unless it says otherwise.
 *
 * @param <R> what the caller gets
 */
abstract class AskedCall<R> {

  /** What the calls of a route are asked with. */
  static final class Asking {
    private final Serving serving;
    private final Requests requests;
    private final Bodies bodies;
    private final String verb;
    private final String route;
    private final String versionRoute;

    /**
     * A route's.
     *
     * @param verb last part of its path
     * @param serving whose models are asked
     * @param requests told of the calls
     * @param bodies how they are read
     */
    Asking(String verb, Serving serving, Requests requests, Bodies bodies) {
      this.serving = serving;
      this.requests = requests;
      this.bodies = bodies;
      this.verb = verb;
      this.route = "/v2/models/{model}/" + verb;
      this.versionRoute = "/v2/models/{model}/versions/{version}/" + verb;
    }

    /** Adds its path, with and without a version. */
    void mount(Router router, Function<RoutingContext, AskedCall<?>> calls) {
      Route.post(router, "/v2/models/:model/" + verb, context -> read(context, calls));
      Route.post(
          router, "/v2/models/:model/versions/:version/" + verb, context -> read(context, calls));
    }

    private void read(RoutingContext context, Function<RoutingContext, AskedCall<?>> calls) {
      Compression coding = Compression.of(context.request().getHeader("Content-Encoding"));
      bodies.read(
          context,
          body -> calls.apply(context).accept(body, coding),
          refusal -> Answers.failure(context, refusal));
    }
  }

  private final Asking asking;
  private final RoutingContext context;
  private final ContextInternal loop;
  private final String model;
  private final @Nullable String version;
  private final long began = System.nanoTime();
  private final @Nullable Trace trace;
  private @Nullable String id;
  private @Nullable Terms terms;

  /** A call whose body was read just now. */
  AskedCall(Asking asking, RoutingContext context) {
    this.asking = asking;
    this.context = context;
    this.loop = (ContextInternal) context.vertx().getOrCreateContext();
    this.model = context.pathParam("model");
    this.version = context.pathParam("version");
    String route = version == null ? asking.route : asking.versionRoute;
    this.trace = asking.requests.tracing().http(context.request(), route, model, began);
  }

  /** Begins to ask the model; closes the body when it was read. */
  abstract CompletionStage<R> ask(ModelService service, RequestBody body);

  /** What the model answered. */
  abstract InferenceResponse response(R answer);

  /** The answer as it is sent. */
  abstract EncodedAnswer encode(R answer);

  final RoutingContext context() {
    return context;
  }

  final Serving serving() {
    return asking.serving;
  }

  /** The caller calls its request so. */
  final void identify(@Nullable String name) {
    id = name;
  }

  /**
   * The terms of the caller, which the protocol's parameters may add to; 0 for none.
   *
   * @param form of the answer
   */
  final Terms terms(long timeoutNanos, int urgency, AnswerForm form) {
    Terms made = HttpTerms.of(context, began, timeoutNanos, urgency).follow(trace);
    made.answer(form, asking.bodies.memory().share(context.request().connection()));
    terms = made;
    return made;
  }

  /** Counts a refusal because of what was sent. */
  final ProtocolException undecoded(ProtocolException refusal) {
    asking.requests.metrics().undecoded(model, refusal);
    return refusal;
  }

  private void accept(RequestBody body, @Nullable Compression coding) {
    try {
      asking.serving.accept();
    } catch (ProtocolException e) {
      refuse(e);
      return;
    }
    if (coding == null) {
      run(body);
      return;
    }
    // A small body may be a large one once it is decompressed: not on the event loop.
    context
        .vertx()
        .executeBlocking(() -> body.expanded(coding, asking.bodies), false)
        .onSuccess(this::run)
        .onFailure(thrown -> answer(null, thrown));
  }

  private void run(RequestBody body) {
    try {
      ask(asking.serving.model(model, version), body)
          .whenComplete(
              // At once if this is the event loop, whose lane has just computed it.
              (response, thrown) -> loop.emit(ignored -> answer(response, thrown)));
    } catch (RuntimeException e) {
      answer(null, e);
    }
  }

  private void answer(@Nullable R answer, @Nullable Throwable thrown) {
    try {
      if (answer == null) {
        refuse(thrown);
      } else {
        InferenceResponse response = response(answer);
        if (version != null && !version.equals(response.modelVersion())) {
          // Another version was published between the question and its answer.
          refuse(ModelService.otherVersion(model, version, response.modelVersion()));
        } else {
          EncodedAnswer encoded = encode(answer);
          keeps(encoded.bytes());
          InferAnswer.send(context, encoded).onComplete(ignored -> over());
          asking.requests.answered(model, "http", 200, began, id, response, trace);
          return;
        }
      }
    } catch (RuntimeException e) {
      refuse(e);
    }
    over();
  }

  /** The answer that is being sent takes so many bytes. */
  private void keeps(long bytes) {
    if (terms != null) {
      terms.answered(bytes);
    }
  }

  /** The answer was written, or its caller has gone. */
  private void over() {
    keeps(0);
    asking.serving.answered();
  }

  private void refuse(@Nullable Throwable thrown) {
    ProtocolException refusal = Answers.refusal(thrown);
    Answers.failure(context, refusal);
    asking.requests.answered(model, "http", refusal.status(), began, id, null, trace);
  }
}
