package dev.nagare.server.grpc.models;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.streaming.protocol.wire.ModelMetadataRequest;
import dev.nagare.streaming.protocol.wire.ModelMetadataResponse;

/**
 * {@code ModelMetadata}: what a model takes and gives.
 *
 * @param serving asked
 */
record ModelMetadataMethod(Serving serving) implements GrpcMethod {
  @Override
  public String name() {
    return "ModelMetadata";
  }

  @Override
  public void begin(Call call) {
    call.one(
        ModelMetadataRequest.parser(),
        asked ->
            call.answer(
                message(
                    serving.model(asked.getName(), Call.named(asked.getVersion())).metadata())));
  }

  private static ModelMetadataResponse message(ModelMetadata metadata) {
    ModelMetadataResponse.Builder message =
        ModelMetadataResponse.newBuilder()
            .setName(metadata.name())
            .addAllVersions(metadata.versions())
            .setPlatform(metadata.platform());
    metadata.inputs().forEach(tensor -> message.addInputs(message(tensor)));
    metadata.outputs().forEach(tensor -> message.addOutputs(message(tensor)));
    return message.build();
  }

  private static ModelMetadataResponse.TensorMetadata message(ModelMetadata.TensorMetadata tensor) {
    return ModelMetadataResponse.TensorMetadata.newBuilder()
        .setName(tensor.name())
        .setDatatype(tensor.datatype())
        .addAllShape(tensor.shape())
        .build();
  }
}
