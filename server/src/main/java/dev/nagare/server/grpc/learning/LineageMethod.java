package dev.nagare.server.grpc.learning;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.Lineage;
import dev.nagare.streaming.ModelLineage;
import dev.nagare.streaming.protocol.wire.LineageRequest;
import dev.nagare.streaming.protocol.wire.LineageResponse;
import dev.nagare.streaming.protocol.wire.RecordRange;

/**
 * {@code Lineage}: which records made the version that answers, and the checkpoints that it can be
 * rebuilt from, newest first.
 *
 * @param serving asked
 */
record LineageMethod(Serving serving) implements GrpcMethod {
  @Override
  public String name() {
    return "Lineage";
  }

  @Override
  public void begin(Call call) {
    call.one(
        LineageRequest.parser(),
        asked -> call.answer(message(serving.model(asked.getModelName()).lineage())));
  }

  private static LineageResponse message(ModelLineage lineage) {
    LineageResponse.Builder message =
        LineageResponse.newBuilder()
            .setModelName(lineage.model())
            .setVersion(Long.toString(lineage.version()))
            .setRecords(message(lineage.lineage()));
    lineage.checkpoints().forEach(checkpoint -> message.addCheckpoints(message(checkpoint)));
    return message.build();
  }

  private static LineageResponse.Checkpoint message(CheckpointRecord checkpoint) {
    return LineageResponse.Checkpoint.newBuilder()
        .setName(checkpoint.name())
        .setStep(checkpoint.step())
        .setSha256(checkpoint.sha256())
        .setBytes(checkpoint.bytes())
        .setChunks(checkpoint.chunks())
        .setChunkOffset(checkpoint.chunkOffset())
        .setRecords(message(checkpoint.lineage()))
        .setRecordsDigest(checkpoint.recordsDigest())
        .setStateHash(checkpoint.stateHash())
        .setConfiguration(checkpoint.configuration())
        .setKernelId(checkpoint.kernelId())
        .setWrittenAt(checkpoint.writtenAt())
        .build();
  }

  private static RecordRange message(Lineage records) {
    return RecordRange.newBuilder()
        .setTopic(records.topic())
        .setPartition(records.partition())
        .setFirstOffset(records.firstOffset())
        .setNextOffset(records.nextOffset())
        .setExamples(records.examples())
        .setRefused(records.refused())
        .setQuarantined(records.quarantined())
        .build();
  }
}
