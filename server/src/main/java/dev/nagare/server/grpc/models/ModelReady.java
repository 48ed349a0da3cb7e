package dev.nagare.server.grpc.models;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.wire.ModelReadyRequest;
import dev.nagare.streaming.protocol.wire.ModelReadyResponse;

/**
 * {@code ModelReady}: whether a model answers. One that is not here does not, as Triton says it:
 * the status is OK.
 *
 * @param serving asked
 */
record ModelReady(Serving serving) implements GrpcMethod {
  @Override
  public String name() {
    return "ModelReady";
  }

  @Override
  public void begin(Call call) {
    call.one(
        ModelReadyRequest.parser(),
        asked -> call.answer(ModelReadyResponse.newBuilder().setReady(ready(asked)).build()));
  }

  private boolean ready(ModelReadyRequest asked) {
    try {
      return serving.phase() == Serving.Phase.OPEN
          && serving.model(asked.getName(), Call.named(asked.getVersion())).status().ready();
    } catch (ProtocolException e) {
      return false;
    }
  }
}
