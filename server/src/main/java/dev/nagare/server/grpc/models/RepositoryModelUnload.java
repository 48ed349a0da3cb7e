package dev.nagare.server.grpc.models;

import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.Errands;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.streaming.protocol.wire.RepositoryModelUnloadRequest;
import dev.nagare.streaming.protocol.wire.RepositoryModelUnloadResponse;

/**
 * {@code RepositoryModelUnload}: lets a model go once what it was asked is answered.
 *
 * @param errands the way to the models
 */
record RepositoryModelUnload(Errands errands) implements GrpcMethod {
  @Override
  public String name() {
    return "RepositoryModelUnload";
  }

  @Override
  public void begin(Call call) {
    call.one(
        RepositoryModelUnloadRequest.parser(),
        asked ->
            errands.run(
                call,
                ServiceNames.INFERENCE,
                asked.getModelName(),
                () -> errands.serving().control().unload(asked.getModelName()),
                done -> RepositoryModelUnloadResponse.getDefaultInstance()));
  }
}
