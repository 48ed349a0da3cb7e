package dev.nagare.server.grpc.models;

import dev.nagare.server.admission.Readiness;
import dev.nagare.server.admission.Serving;
import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.streaming.protocol.wire.ServerReadyRequest;
import dev.nagare.streaming.protocol.wire.ServerReadyResponse;

/**
 * {@code ServerReady}: whether every model answers; the status is OK either way.
 *
 * @param serving asked
 */
record ServerReady(Serving serving) implements GrpcMethod {
  @Override
  public String name() {
    return "ServerReady";
  }

  @Override
  public void begin(Call call) {
    call.one(
        ServerReadyRequest.parser(),
        ignored ->
            call.answer(
                ServerReadyResponse.newBuilder().setReady(Readiness.of(serving).ready()).build()));
  }
}
