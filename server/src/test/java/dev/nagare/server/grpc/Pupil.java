package dev.nagare.server.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.streaming.protocol.wire.InferTensorContents;
import dev.nagare.streaming.protocol.wire.LabelsRequest;
import dev.nagare.streaming.protocol.wire.LabelsResponse;
import dev.nagare.streaming.protocol.wire.LearnRequest;
import dev.nagare.streaming.protocol.wire.LearnResponse;
import dev.nagare.streaming.protocol.wire.LineageRequest;
import dev.nagare.streaming.protocol.wire.LineageResponse;
import dev.nagare.streaming.protocol.wire.ModelInferRequest.InferInputTensor;
import dev.nagare.streaming.protocol.wire.RollbackRequest;
import dev.nagare.streaming.protocol.wire.RollbackResponse;
import dev.nagare.streaming.protocol.wire.SnapshotsRequest;
import dev.nagare.streaming.protocol.wire.SnapshotsResponse;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * The calls of the learning service, made by a stock client for one model.
 *
 * @param client that calls
 * @param model called
 * @param options of the calls, such as a token
 */
record Pupil(StockClient client, String model, CallOptions options) {
  Pupil(StockClient client, String model) {
    this(client, model, CallOptions.DEFAULT);
  }

  /** The same calls by whoever has a token. */
  Pupil with(String token) {
    return new Pupil(client, model, withToken(token));
  }

  /** Options of calls with a token. */
  static CallOptions withToken(String token) {
    return CallOptions.DEFAULT.withCallCredentials(
        new CallCredentials() {
          @Override
          public void applyRequestMetadata(
              RequestInfo info, Executor executor, MetadataApplier applier) {
            var metadata = new Metadata();
            metadata.put(
                Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
                "Bearer " + token);
            applier.apply(metadata);
          }
        });
  }

  /** An event of a row and its label, raw. */
  LearnRequest event(String id, int label, float... row) {
    ByteBuffer values = ByteBuffer.allocate(4 * row.length).order(ByteOrder.LITTLE_ENDIAN);
    values.asFloatBuffer().put(row);
    ByteBuffer of = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(label).flip();
    return LearnRequest.newBuilder()
        .setModelName(model)
        .setId(id)
        .addInputs(row(row.length))
        .addInputs(InferInputTensor.newBuilder().setName("label").setDatatype("INT64").addShape(1))
        .addRawInputContents(ByteString.copyFrom(values))
        .addRawInputContents(ByteString.copyFrom(of))
        .build();
  }

  /** The same event with typed contents. */
  LearnRequest typed(String id, int label, float... row) {
    InferTensorContents.Builder values = InferTensorContents.newBuilder();
    for (float value : row) {
      values.addFp32Contents(value);
    }
    return LearnRequest.newBuilder()
        .setModelName(model)
        .setId(id)
        .addInputs(row(row.length).setContents(values))
        .addInputs(
            InferInputTensor.newBuilder()
                .setName("label")
                .setDatatype("INT64")
                .addShape(1)
                .setContents(InferTensorContents.newBuilder().addInt64Contents(label)))
        .build();
  }

  private static InferInputTensor.Builder row(int width) {
    return InferInputTensor.newBuilder()
        .setName("row")
        .setDatatype("FP32")
        .addShape(1)
        .addShape(width);
  }

  LearnResponse learn(LearnRequest event) {
    return call("Learn", event, LearnResponse.getDefaultInstance());
  }

  /** Gives one label. */
  LabelsResponse label(String id, int label) {
    return labels(List.of(LabelsRequest.Label.newBuilder().setId(id).addLabel(label).build()));
  }

  LabelsResponse labels(List<LabelsRequest.Label> labels) {
    return call(
        "Labels",
        LabelsRequest.newBuilder().setModelName(model).addAllLabels(labels).build(),
        LabelsResponse.getDefaultInstance());
  }

  SnapshotsResponse snapshots() {
    return call(
        "Snapshots",
        SnapshotsRequest.newBuilder().setModelName(model).build(),
        SnapshotsResponse.getDefaultInstance());
  }

  RollbackResponse rollBack(String version) {
    return call(
        "Rollback",
        RollbackRequest.newBuilder().setModelName(model).setVersion(version).build(),
        RollbackResponse.getDefaultInstance());
  }

  LineageResponse lineage() {
    return call(
        "Lineage",
        LineageRequest.newBuilder().setModelName(model).build(),
        LineageResponse.getDefaultInstance());
  }

  private <A extends Message> A call(String method, Message request, A prototype) {
    return client.call(ServiceNames.LEARNING + "/" + method, request, prototype, options);
  }
}
