package dev.nagare.server.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.config.Scope;
import dev.nagare.server.http.Answers;
import dev.nagare.server.http.HttpTerms;
import dev.nagare.server.http.Teaching;
import dev.nagare.server.observe.Requests;
import dev.nagare.server.observe.Trace;
import dev.nagare.server.security.Identity;
import dev.nagare.streaming.AnswerShare;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.EncodedAnswer;
import dev.nagare.streaming.protocol.InferenceCall;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.Payload;
import dev.nagare.streaming.protocol.ProtocolException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one client asks of models: predictions, and to learn. The same checks as by HTTP, made by
 * the same code. For the event loop of its door.
 */
final class Questions {
  private final Context loop;
  private final Serving serving;
  private final Requests requests;
  private final Identity caller;
  private final AnswerShare share;
  private final Asker asker;
  private final Set<Terms> underWay = new HashSet<>();

  /** Who asked. */
  interface Asker {
    /**
     * Has an answer, or is refused.
     *
     * @return completes when it was written, or never will be
     */
    Future<Void> reply(String frame);

    /** Has an answer with tensors as bytes. */
    Future<Void> reply(Buffer message);

    /** The trace of a frame of that type that came at that time; null if it is not followed. */
    @Nullable Trace follow(String type, String model, long beganNanos);

    /** One question less is under way, or one more. */
    void moved();
  }

  Questions(StreamRoute.Parts parts, Identity caller, AnswerShare share, Asker asker) {
    this.loop = parts.loop();
    this.serving = parts.serving();
    this.requests = parts.requests();
    this.caller = caller;
    this.share = share;
    this.asker = asker;
  }

  /** How many are not answered yet. */
  int underWay() {
    return underWay.size();
  }

  /** Nobody waits for the answers any more. */
  void leave() {
    List.copyOf(underWay).forEach(Terms::leave);
  }

  /**
   * Asks for a prediction.
   *
   * @param tensors what came after the JSON; null if that was all
   */
  void infer(Command command, @Nullable Payload tensors) {
    caller.require(Scope.INFER);
    Command.Question question = command.question("a request of the Open Inference Protocol");
    String model = question.model();
    serving.accept();
    long began = System.nanoTime();
    Trace trace = asker.follow(command.type(), model, began);
    var asked =
        new Asked<InferenceResponse>(
            command,
            (status, answer) ->
                requests.answered(model, "websocket", status, began, command.id(), answer, trace));
    try {
      ModelService service = serving.model(model);
      InferenceCall call = decoded(question, tensors);
      Terms terms = HttpTerms.of(call.request(), began).by(caller.name()).follow(trace);
      terms.answer(call.form(), share);
      asked.terms = terms;
      asked.begin(
          terms,
          service.infer(call.request(), terms),
          answer -> predict(command, model, terms, serving.codec().encode(answer, call.form())));
    } catch (RuntimeException e) {
      asked.refuse(e);
    }
  }

  /** Puts an event into the log that a model learns from. */
  void learn(Command command) {
    teach(
        command,
        "learned",
        "an event with the input 'row'",
        ModelService::learn,
        (service, answer) -> serving.codec().encode(answer));
  }

  /** Puts labels of earlier predictions into the log. */
  void label(Command command) {
    teach(
        command,
        "labelled",
        "a label with its 'id', or several in 'labels'",
        (service, labels) -> Teaching.label(service, labels, caller.principal()),
        Teaching::receipts);
  }

  private interface Work<R> {
    CompletionStage<R> of(ModelService model, byte[] request);
  }

  private interface Form<R> {
    byte[] of(ModelService model, R answer);
  }

  private <R> void teach(
      Command command, String done, String expected, Work<R> work, Form<R> form) {
    caller.require(Scope.LEARN);
    Command.Question question = command.question(expected);
    serving.accept();
    String model = question.model();
    Trace trace = asker.follow(command.type(), model, System.nanoTime());
    var asked =
        new Asked<R>(
            command,
            (status, answer) ->
                requests.ended(
                    status, answer instanceof InferenceResponse response ? response : null, trace));
    try {
      ModelService service = serving.model(model);
      asked.begin(
          Terms.of(Terms.Priority.INTERACTIVE),
          work.of(service, question.request()),
          answer ->
              asker.reply(
                  Frames.answer(
                      done, command.id(), model, new String(form.of(service, answer), UTF_8))));
    } catch (RuntimeException e) {
      asked.refuse(e);
    }
  }

  private InferenceCall decoded(Command.Question question, @Nullable Payload tensors) {
    try {
      return serving.codec().decode(question.request(), tensors);
    } catch (ProtocolException e) {
      requests.metrics().undecoded(question.model(), e);
      throw e;
    }
  }

  private Future<Void> predict(Command command, String model, Terms terms, EncodedAnswer answer) {
    terms.answered(answer.bytes());
    List<byte[]> tensors = answer.tensors();
    if (tensors == null) {
      String json = new String(answer.json(), UTF_8);
      return asker.reply(Frames.answer("prediction", command.id(), model, json));
    }
    return asker.reply(
        BinaryMessage.of(Frames.pieces("prediction", command.id(), model, answer.json()), tensors));
  }

  private interface Counter<T> {
    void over(int status, @Nullable T answer);
  }

  /** One question that was accepted, to its answer. */
  private final class Asked<T> {
    private final Command command;
    private final Counter<T> counter;
    private @Nullable Terms terms;

    Asked(Command command, Counter<T> counter) {
      this.command = command;
      this.counter = counter;
    }

    void begin(Terms on, CompletionStage<T> answer, Function<T, Future<Void>> tell) {
      terms = on;
      underWay.add(on);
      var _ =
          answer.whenComplete(
              (value, thrown) -> loop.runOnContext(ignored -> end(value, thrown, tell)));
      asker.moved();
    }

    private void end(
        @Nullable T value, @Nullable Throwable thrown, Function<T, Future<Void>> tell) {
      if (value == null) {
        refuse(thrown);
        return;
      }
      try {
        tell.apply(value).onComplete(written -> sent());
      } catch (RuntimeException e) {
        refuse(e);
        return;
      }
      over(200, value);
    }

    void refuse(@Nullable Throwable thrown) {
      ProtocolException refusal = Answers.refusal(thrown);
      try {
        sent();
        asker.reply(Frames.error(command.id(), refusal));
      } finally {
        over(refusal.status(), null);
      }
    }

    private void sent() {
      if (terms != null) {
        terms.sent();
      }
    }

    private void over(int status, @Nullable T answer) {
      if (terms != null) {
        underWay.remove(terms);
      }
      counter.over(status, answer);
      try {
        asker.moved(); // a farewell goes out before the server may be gone
      } finally {
        serving.answered();
      }
    }
  }
}
