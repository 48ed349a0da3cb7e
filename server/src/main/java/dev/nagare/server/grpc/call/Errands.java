package dev.nagare.server.grpc.call;

import com.google.protobuf.MessageLite;
import dev.nagare.server.admission.Serving;
import dev.nagare.server.http.Answers;
import dev.nagare.server.observe.Requests;
import dev.nagare.server.observe.Trace;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import io.vertx.core.Context;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way of a call that asks for something else than a prediction, and of its answer back to the
 * event loop, followed. What was begun is done, whether or not its caller stays for the answer.
 *
 * @param serving which models there are
 * @param requests told
 * @param loop of the doors
 */
public record Errands(Serving serving, Requests requests, Context loop) {

  /**
   * Asks a model, which a drain waits for.
   *
   * @param service that the call is of
   * @param name of the model
   * @param work what is asked
   * @param form of the answer
   */
  public <R> void ask(
      Call call,
      String service,
      String name,
      Function<ModelService, CompletionStage<R>> work,
      Function<R, MessageLite> form) {
    serving.accept();
    begin(call, service, name, () -> work.apply(serving.model(name)), form, serving::answered);
  }

  /**
   * Has something done.
   *
   * @param service that the call is of
   * @param model that it is about
   */
  public <R> void run(
      Call call,
      String service,
      String model,
      Supplier<CompletionStage<R>> work,
      Function<R, MessageLite> form) {
    begin(call, service, model, work, form, () -> {});
  }

  private <R> void begin(
      Call call,
      String service,
      String model,
      Supplier<CompletionStage<R>> work,
      Function<R, MessageLite> form,
      Runnable over) {
    Trace trace =
        requests
            .tracing()
            .grpc(call.headers(), service, call.method(), model, System.nanoTime(), Statuses::code);
    var errand = new Errand<R>(call, form, over, trace);
    try {
      var _ =
          work.get()
              .whenComplete(
                  (answer, thrown) -> loop.runOnContext(ignored -> errand.end(answer, thrown)));
    } catch (RuntimeException e) {
      errand.end(null, e);
    }
  }

  /** One that was begun. */
  private final class Errand<R> {
    private final Call call;
    private final Function<R, MessageLite> form;
    private final Runnable over;
    private final @Nullable Trace trace;

    Errand(Call call, Function<R, MessageLite> form, Runnable over, @Nullable Trace trace) {
      this.call = call;
      this.form = form;
      this.over = over;
      this.trace = trace;
    }

    // An answer may be null, of work that has none.
    void end(@Nullable R answer, @Nullable Throwable thrown) {
      try {
        if (thrown != null) {
          refuse(thrown);
        } else {
          boolean read = !call.ended();
          call.answer(form.apply(answer));
          InferenceResponse response = answer instanceof InferenceResponse of ? of : null;
          requests.ended(call.outcome(read ? 200 : 499), response, trace);
        }
      } catch (RuntimeException e) {
        refuse(e);
      } finally {
        over.run();
      }
    }

    private void refuse(Throwable thrown) {
      ProtocolException refusal = Answers.refusal(thrown);
      call.refuse(refusal);
      requests.ended(call.outcome(refusal.status()), null, trace);
    }
  }
}
