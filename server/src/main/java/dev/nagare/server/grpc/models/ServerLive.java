package dev.nagare.server.grpc.models;

import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.streaming.protocol.wire.ServerLiveRequest;
import dev.nagare.streaming.protocol.wire.ServerLiveResponse;

/** {@code ServerLive}: true for as long as there is somebody to say so, a drain included. */
record ServerLive() implements GrpcMethod {
  @Override
  public String name() {
    return "ServerLive";
  }

  @Override
  public void begin(Call call) {
    call.one(
        ServerLiveRequest.parser(),
        ignored -> call.answer(ServerLiveResponse.newBuilder().setLive(true).build()));
  }
}
