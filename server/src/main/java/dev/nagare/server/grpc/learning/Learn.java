package dev.nagare.server.grpc.learning;

import com.google.protobuf.ByteString;
import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.Errands;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.streaming.codec.RecordCodecs;
import dev.nagare.streaming.protocol.LearningMessages;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.wire.LearnRequest;

/**
 * {@code Learn}: puts an event into the log that the model learns from, and answers with what had
 * been predicted for it.
 *
 * @param errands the way to the models
 */
record Learn(Errands errands) implements GrpcMethod {
  @Override
  public String name() {
    return "Learn";
  }

  @Override
  public void begin(Call call) {
    call.one(message -> learn(call, message));
  }

  private void learn(Call call, ByteString message) {
    if (message.size() > RecordCodecs.MAX_BYTES) {
      // It would be no record of the log, and its text is longer.
      throw new ProtocolException(
          413, "expected at most " + RecordCodecs.MAX_BYTES + " bytes, got " + message.size());
    }
    LearnRequest event = LearningMessages.parseEvent(message);
    errands.ask(
        call,
        ServiceNames.LEARNING,
        event.getModelName(),
        model -> model.learn(LearningMessages.event(event, errands.serving().codec())),
        LearningMessages::learned);
  }
}
