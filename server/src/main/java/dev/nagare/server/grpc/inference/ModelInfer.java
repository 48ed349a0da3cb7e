package dev.nagare.server.grpc.inference;

import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ProtocolMessages;

/**
 * {@code ModelInfer}: a prediction.
 *
 * @param inference the way to the models
 */
record ModelInfer(Inference inference) implements GrpcMethod {
  @Override
  public String name() {
    return "ModelInfer";
  }

  @Override
  public void begin(Call call) {
    call.one(
        message -> {
          Inference.Question question = inference.ask(call, message, new Caller(call, inference));
          call.whenLeft(question::leave);
        });
  }

  private record Caller(Call call, Inference inference) implements Inference.Asker {
    @Override
    public boolean answered(InferenceResponse response, Terms terms) {
      if (call.ended()) {
        return false;
      }
      var messages = new ProtocolMessages(inference.serving().codec());
      byte[] message = messages.encode(response);
      terms.answered(message.length);
      call.answer(message).onComplete(written -> terms.sent());
      return true;
    }

    @Override
    public void refused(ProtocolException refusal) {
      call.refuse(refusal);
    }
  }
}
