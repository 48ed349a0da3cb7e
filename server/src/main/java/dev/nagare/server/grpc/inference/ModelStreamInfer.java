package dev.nagare.server.grpc.inference;

import com.google.protobuf.ByteString;
import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.server.grpc.call.LastingCalls;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ProtocolMessages;
import dev.nagare.streaming.protocol.wire.ModelInferResponse;
import dev.nagare.streaming.protocol.wire.ModelStreamInferResponse;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * {@code ModelStreamInfer}: predictions in the order of the requests. A request that is refused is
 * answered with {@code error_message}, and the stream goes on; with the header {@code
 * triton_grpc_error: true} it ends the stream with its status.
 *
 * @param inference the way to the models
 * @param lasting calls that a stop has to end
 */
record ModelStreamInfer(Inference inference, LastingCalls lasting) implements GrpcMethod {
  /** Beyond that, or while answers are unread, the caller is not read from. */
  private static final int MOST_AT_ONCE = 64;

  @Override
  public String name() {
    return "ModelStreamInfer";
  }

  @Override
  public void begin(Call call) {
    new Conversation(call).open();
  }

  private final class Conversation {
    private final Call call;
    private final boolean errorsEnd;
    private final ArrayDeque<Turn> turns = new ArrayDeque<>();
    private final Runnable stop = this::stop;
    private boolean allAsked;
    private boolean stopping;

    Conversation(Call call) {
      this.call = call;
      this.errorsEnd = "true".equals(call.header("triton_grpc_error"));
    }

    void open() {
      lasting.add(stop);
      call.whenLeft(this::over);
      call.whenDrained(this::proceed);
      call.each(this::ask, this::refuse, this::allAsked);
    }

    private void ask(ByteString message) {
      var turn = new Turn(this);
      turns.add(turn);
      turn.question = inference.ask(call, message, turn);
      proceed();
    }

    private void refuse(ProtocolException refusal) {
      var turn = new Turn(this);
      turns.add(turn);
      turn.refused(refusal);
      proceed();
    }

    private void allAsked() {
      allAsked = true;
      proceed();
    }

    /** The server stops: what was accepted is answered, and then no more. */
    private void stop() {
      stopping = true;
      proceed();
    }

    private void over() {
      turns.forEach(Turn::leave);
      turns.clear();
      lasting.remove(stop);
    }

    /** Sends what can be sent, ends if that was all, reads on if there is room. */
    private void proceed() {
      for (Turn next = turns.peek(); next != null && next.done(); next = turns.peek()) {
        turns.remove();
        ProtocolException refusal = next.refusal;
        if (refusal != null && errorsEnd) {
          call.refuse(refusal);
          over();
          return;
        }
        next.write();
      }
      if (turns.isEmpty() && (allAsked || stopping)) {
        if (allAsked) {
          call.end();
        } else {
          call.refuse(new ProtocolException(503, inference.serving().unready()));
        }
        over();
      } else if (turns.size() >= MOST_AT_ONCE || call.full()) {
        call.pause();
      } else {
        call.resume();
      }
    }
  }

  /** One request of a stream and what became of it. */
  private final class Turn implements Inference.Asker {
    private final Conversation of;
    private Inference.@Nullable Question question;
    private @Nullable Terms terms; // of the answer
    private byte @Nullable [] answer;
    private @Nullable ProtocolException refusal;

    Turn(Conversation of) {
      this.of = of;
    }

    void leave() {
      if (question != null) {
        question.leave();
      }
      sent();
    }

    private void sent() {
      if (terms != null) {
        terms.sent();
      }
    }

    boolean done() {
      return answer != null || refusal != null;
    }

    void write() {
      byte[] message = answer;
      answer = null;
      of.call
          .write(message != null ? message : error().toByteArray())
          .onComplete(written -> sent());
    }

    private ModelStreamInferResponse error() {
      ModelInferResponse.Builder about = ModelInferResponse.newBuilder();
      if (question != null) {
        about.setModelName(question.model()).setId(question.id());
      }
      String sentence = refusal == null ? "" : String.valueOf(refusal.getMessage());
      return ModelStreamInferResponse.newBuilder()
          .setErrorMessage(sentence)
          .setInferResponse(about)
          .build();
    }

    @Override
    public boolean answered(InferenceResponse response, Terms on) {
      if (of.call.ended()) {
        return false;
      }
      var messages = new ProtocolMessages(inference.serving().codec());
      byte[] message = messages.encodeStreamed(response);
      on.answered(message.length);
      terms = on;
      answer = message;
      of.proceed();
      return true;
    }

    @Override
    public void refused(ProtocolException why) {
      refusal = why;
      if (question != null) { // else its asking has not returned, which proceeds
        of.proceed();
      }
    }
  }
}
