package dev.nagare.streaming.learn;

import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.Lineage;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.checkpoint.Checkpoint;
import dev.nagare.streaming.checkpoint.Registry;
import dev.nagare.streaming.checkpoint.Sha256;
import dev.nagare.streaming.codec.RecordCodec;
import dev.nagare.streaming.codec.RecordCodecs;
import dev.nagare.streaming.codec.RefusedRecordException;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.kafka.LogReader;
import dev.nagare.streaming.kafka.RecordBatch;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.streaming.rehearsal.OnlineModels;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Makes a version again from nothing but the log, and compares it with what the registry says: the
 * proof that a model is its records.
 *
 * <p>It joins no group and writes nothing.
 *
 * @param cluster where the topics are
 * @param config of the model
 * @param models where it comes from
 * @param json decodes the protocol's requests
 */
public record Rebuild(
    KafkaCluster cluster, LearnedModel config, OnlineModels models, ProtocolJson json) {
  private static final Duration POLL = Duration.ofMillis(500);

  /**
   * A version that was made again.
   *
   * @param step of the learner
   * @param lineage which records made it
   * @param recordsDigest chain over them
   * @param stateHash SHA-256 of its state
   */
  public record Rebuilt(long step, Lineage lineage, String recordsDigest, String stateHash) {}

  /** What the registry knows of the model, newest first. */
  public List<CheckpointRecord> recorded() {
    return new Registry(cluster).read(config.name()).checkpoints();
  }

  /**
   * Learns from the model's first record up to an offset.
   *
   * @param firstOffset where the model's life began, as its checkpoints say
   * @param toOffset the first that is not learned
   * @param progress told of each offset passed
   * @throws IllegalStateException with the reason, if the log does not have all records
   */
  public Rebuilt upTo(long firstOffset, long toOffset, LongConsumer progress) {
    return rebuilt(image(firstOffset, toOffset, progress));
  }

  private Checkpoint image(long firstOffset, long toOffset, LongConsumer progress) {
    try (LearnerState state = LearnerState.fresh(config, models, firstOffset);
        LogReader log = cluster.log(config.topic())) {
      if (log.begin() > firstOffset || log.end() < toOffset) {
        throw new IllegalStateException(
            config.topic()
                + " has offsets "
                + log.begin()
                + " to "
                + (log.end() - 1)
                + ", expected "
                + firstOffset
                + " to "
                + (toOffset - 1));
      }
      return learn(state, log, toOffset, progress);
    }
  }

  /**
   * Goes on from a recorded checkpoint up to an offset: another way to the same version.
   *
   * @throws IOException if no copy of the checkpoint is whole
   */
  public Rebuilt from(CheckpointRecord known, long toOffset, LongConsumer progress)
      throws IOException {
    byte[] blob =
        new Registry(cluster)
            .fetch(known)
            .orElseThrow(
                () ->
                    new IOException(
                        Registry.SNAPSHOTS + " has no whole copy of checkpoint " + known.name()));
    try (LearnerState state = LearnerState.restored(config, models, Checkpoint.read(blob));
        LogReader log = cluster.log(config.topic())) {
      return rebuilt(learn(state, log, toOffset, progress));
    }
  }

  private static Rebuilt rebuilt(Checkpoint image) {
    return new Rebuilt(
        image.step(), image.lineage(), Sha256.hex(image.recordsDigest()), image.stateHash());
  }

  private Checkpoint learn(
      LearnerState state, LogReader log, long toOffset, LongConsumer progress) {
    RecordCodec codec = RecordCodecs.of(config, json);
    float[] row = new float[state.model().width()];
    log.seek(state.nextOffset());
    boolean more = true;
    while (more && log.position() < toOffset) {
      Optional<RecordBatch> batch = log.poll(POLL);
      for (int i = 0; more && batch.isPresent() && i < batch.get().size(); i++) {
        long offset = batch.get().offset(i);
        more = offset < toOffset;
        if (more) {
          learn(state, codec, row, batch.get(), i);
          progress.accept(offset);
        }
      }
    }
    return state.image();
  }

  private void learn(
      LearnerState state, RecordCodec codec, float[] row, RecordBatch batch, int index) {
    long offset = batch.offset(index);
    byte[] value = batch.value(index);
    if (value == null) {
      state.refuse(offset);
      return;
    }
    try {
      String control = batch.header(index, RollBack.CONTROL);
      if (control != null) {
        control(state, control, offset, value);
        return;
      }
      InferenceRequest question = codec.read(value, row);
      if (question == null) {
        var _ = state.observe(row, offset, value);
      } else {
        question.close();
        state.pass(offset);
      }
    } catch (RefusedRecordException e) {
      state.refuse(offset);
    }
  }

  private void control(LearnerState state, String kind, long offset, byte[] value) {
    if (kind.equals(SnapshotParts.KIND)) {
      state.pass(offset);
      return;
    }
    Checkpoint target =
        RollBack.read(kind, value, config.name())
            .snapshot(cluster, config, offset, () -> false)
            .orElseThrow();
    state.rollBack(target, offset, value);
  }
}
