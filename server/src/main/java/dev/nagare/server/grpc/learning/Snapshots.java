package dev.nagare.server.grpc.learning;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.ModelLineage;
import dev.nagare.streaming.protocol.wire.SnapshotsRequest;
import dev.nagare.streaming.protocol.wire.SnapshotsResponse;

/**
 * {@code Snapshots}: the version that answers, and those that can be gone back to, newest first.
 *
 * @param serving asked
 */
record Snapshots(Serving serving) implements GrpcMethod {
  @Override
  public String name() {
    return "Snapshots";
  }

  @Override
  public void begin(Call call) {
    call.one(
        SnapshotsRequest.parser(),
        asked -> call.answer(message(serving.model(asked.getModelName()).lineage())));
  }

  private static SnapshotsResponse message(ModelLineage lineage) {
    SnapshotsResponse.Builder message =
        SnapshotsResponse.newBuilder()
            .setModelName(lineage.model())
            .setVersion(Long.toString(lineage.version()));
    for (CheckpointRecord checkpoint : lineage.checkpoints()) {
      message.addSnapshots(
          SnapshotsResponse.Snapshot.newBuilder()
              .setVersion(Long.toString(checkpoint.step()))
              .setTrainedThrough(checkpoint.lineage().trainedThrough())
              .setExamples(checkpoint.lineage().examples())
              .setStateHash(checkpoint.stateHash())
              .setWrittenAt(checkpoint.writtenAt()));
    }
    return message.build();
  }
}
