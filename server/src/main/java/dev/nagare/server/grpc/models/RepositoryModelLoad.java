package dev.nagare.server.grpc.models;

import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.Errands;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.streaming.ModelControl;
import dev.nagare.streaming.protocol.wire.RepositoryModelLoadRequest;
import dev.nagare.streaming.protocol.wire.RepositoryModelLoadResponse;

/**
 * {@code RepositoryModelLoad}: loads the newest version of a model as it lies in the repository's
 * folder; answered when it is done.
 *
 * @param errands the way to the models
 */
record RepositoryModelLoad(Errands errands) implements GrpcMethod {
  @Override
  public String name() {
    return "RepositoryModelLoad";
  }

  @Override
  public void begin(Call call) {
    call.one(
        RepositoryModelLoadRequest.parser(),
        asked ->
            errands.run(
                call,
                ServiceNames.INFERENCE,
                asked.getModelName(),
                () -> {
                  ModelControl.requireNothingSent(asked.getParametersMap().keySet());
                  return errands.serving().control().load(asked.getModelName());
                },
                done -> RepositoryModelLoadResponse.getDefaultInstance()));
  }
}
