package dev.nagare.server.grpc.models;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.streaming.protocol.ModelMetadata.TensorMetadata;
import dev.nagare.streaming.protocol.wire.DataType;
import dev.nagare.streaming.protocol.wire.ModelConfig;
import dev.nagare.streaming.protocol.wire.ModelConfigRequest;
import dev.nagare.streaming.protocol.wire.ModelConfigResponse;
import dev.nagare.streaming.protocol.wire.ModelDynamicBatching;
import dev.nagare.streaming.protocol.wire.ModelInput;
import dev.nagare.streaming.protocol.wire.ModelOutput;
import dev.nagare.streaming.protocol.wire.ModelParameter;
import dev.nagare.streaming.protocol.wire.ModelTransactionPolicy;

/**
 * {@code ModelConfig}: a model's description as perf_analyzer reads it. A model whose tensors all
 * begin with an open size takes batches: there {@code max_batch_size} is not 0 and {@code dims} are
 * without that size, as Triton has it.
 *
 * @param serving asked
 * @param mostRows that one request may have
 */
record ModelConfigMethod(Serving serving, int mostRows) implements GrpcMethod {
  @Override
  public String name() {
    return "ModelConfig";
  }

  @Override
  public void begin(Call call) {
    call.one(
        ModelConfigRequest.parser(),
        asked ->
            call.answer(
                ModelConfigResponse.newBuilder()
                    .setConfig(
                        config(serving.model(asked.getName(), Call.named(asked.getVersion()))))
                    .build()));
  }

  private ModelConfig config(ModelService service) {
    ModelMetadata model = service.metadata();
    boolean batches = model.takesBatches();
    ModelConfig.Builder config =
        ModelConfig.newBuilder()
            .setName(model.name())
            .setPlatform(model.platform())
            .setBackend("nagare")
            .setMaxBatchSize(batches ? mostRows : 0)
            .setModelTransactionPolicy(ModelTransactionPolicy.getDefaultInstance());
    if (batches) {
      config.setDynamicBatching(ModelDynamicBatching.getDefaultInstance());
    }
    for (TensorMetadata input : model.inputs()) {
      config.addInput(
          ModelInput.newBuilder()
              .setName(input.name())
              .setDataType(type(input.datatype()))
              .addAllDims(input.dims(batches)));
    }
    for (TensorMetadata output : model.outputs()) {
      config.addOutput(
          ModelOutput.newBuilder()
              .setName(output.name())
              .setDataType(type(output.datatype()))
              .addAllDims(output.dims(batches)));
    }
    service
        .parameters()
        .forEach(
            (name, value) ->
                config.putParameters(
                    name, ModelParameter.newBuilder().setStringValue(value).build()));
    return config.build();
  }

  private static DataType type(String datatype) {
    return datatype.equals("BYTES") ? DataType.TYPE_STRING : DataType.valueOf("TYPE_" + datatype);
  }
}
