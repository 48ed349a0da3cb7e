package dev.nagare.server.grpc.inference;

import com.google.protobuf.ByteString;
import dev.nagare.server.admission.Serving;
import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.server.grpc.call.Statuses;
import dev.nagare.server.http.Answers;
import dev.nagare.server.http.CallerMemory;
import dev.nagare.server.observe.Requests;
import dev.nagare.server.observe.Trace;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.AnswerForm;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ProtocolMessages;
import dev.nagare.streaming.protocol.wire.ModelInferRequest;
import io.vertx.core.internal.ContextInternal;
import org.jspecify.annotations.Nullable;

/**
 * The way of a question to a model and of its answer back to the event loop, counted.
 *
 * @param serving which models there are
 * @param requests told
 * @param memory that answers draw from
 * @param loop of the doors
 */
record Inference(Serving serving, Requests requests, CallerMemory memory, ContextInternal loop) {

  /** Who asked. Called on the loop, once. */
  interface Asker {

    /**
     * Has an answer; false if nobody waits for it any more.
     *
     * @param terms told how many bytes the answer takes, and when it was sent; if this is false,
     *     nothing
     */
    boolean answered(InferenceResponse response, Terms terms);

    /** Is refused. */
    void refused(ProtocolException refusal);
  }

  /** Asks; what comes of it is told to the asker later, or at once if it is a refusal. */
  Question ask(Call call, ByteString message, Asker asker) {
    var question = new Question(call, asker);
    question.begin(message);
    return question;
  }

  /** One question, from its message to its answer. */
  final class Question {
    private final Call call;
    private final Asker asker;
    private final long began = System.nanoTime();
    private String model = "";
    private String id = "";
    private @Nullable String version;
    private @Nullable Terms terms;
    private @Nullable Trace trace;

    private Question(Call call, Asker asker) {
      this.call = call;
      this.asker = asker;
    }

    /** The model that was asked; empty if the message did not say. */
    String model() {
      return model;
    }

    /** The caller's id; empty if it gave none. */
    String id() {
      return id;
    }

    /** Nobody waits for the answer any more. */
    void leave() {
      Terms left = terms;
      if (left != null) {
        left.leave();
      }
    }

    private void begin(ByteString bytes) {
      try {
        serving.accept();
      } catch (ProtocolException e) {
        refuse(e);
        return;
      }
      try {
        ModelInferRequest message = ProtocolMessages.parse(bytes);
        model = message.getModelName();
        id = message.getId();
        version = Call.named(message.getModelVersion());
        trace =
            requests
                .tracing()
                .grpc(
                    call.headers(),
                    ServiceNames.INFERENCE,
                    call.method(),
                    model,
                    began,
                    Statuses::code);
        ModelService service = serving.model(model, version);
        InferenceRequest request = new ProtocolMessages(serving.codec()).decode(message);
        Terms now =
            terms(request).follow(trace).answer(AnswerForm.BINARY, memory.share(call.connection()));
        terms = now;
        service
            .infer(request, now)
            .whenComplete(
                // At once if this is the event loop, whose lane has just computed it.
                (response, thrown) -> loop.emit(ignored -> end(response, thrown)));
      } catch (RuntimeException e) {
        end(null, e);
      }
    }

    private Terms terms(InferenceRequest request) {
      try {
        return GrpcTerms.of(call, request.parameters(), began);
      } catch (ProtocolException e) {
        request.close();
        throw e;
      }
    }

    private void end(@Nullable InferenceResponse response, @Nullable Throwable thrown) {
      Terms asked = terms;
      try {
        if (response == null || asked == null) {
          refuse(Answers.refusal(thrown));
        } else if (version != null && !version.equals(response.modelVersion())) {
          // Another version was published between the question and its answer.
          refuse(ModelService.otherVersion(model, version, response.modelVersion()));
        } else {
          boolean read = asker.answered(response, asked);
          if (!read) {
            asked.sent();
          }
          count(read ? 200 : 499, response);
        }
      } catch (RuntimeException e) {
        refuse(Answers.refusal(e));
      } finally {
        serving.answered();
      }
    }

    private void refuse(ProtocolException refusal) {
      if (terms != null) {
        terms.sent();
      }
      asker.refused(refusal);
      count(refusal.status(), null);
    }

    private void count(int status, @Nullable InferenceResponse response) {
      requests.answered(model, "grpc", call.outcome(status), began, id, response, trace);
    }
  }
}
