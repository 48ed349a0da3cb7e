package dev.nagare.streaming.learn;

import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.Lineage;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.checkpoint.Checkpoint;
import dev.nagare.streaming.checkpoint.Registry;
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
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

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
   * @param recorded the checkpoint of just this offset that the registry has; null if it has none
   */
  public record Rebuilt(
      long step,
      Lineage lineage,
      String recordsDigest,
      String stateHash,
      @Nullable CheckpointRecord recorded) {

    /** Whether it is what was recorded; empty if nothing was. */
    public Optional<Boolean> isSame() {
      return Optional.ofNullable(recorded)
          .map(
              known ->
                  known.stateHash().equals(stateHash)
                      && known.recordsDigest().equals(recordsDigest)
                      && known.step() == step);
    }
  }

  /** What the registry knows of the model, newest first. */
  public List<CheckpointRecord> recorded() {
    return new Registry(cluster).read(config.name()).checkpoints();
  }

  /**
   * Learns from the model's first record up to an offset.
   *
   * @param toOffset the first that is not learned
   * @param progress told of each offset passed
   * @throws IllegalStateException with the reason, if the log does not have all records
   */
  public Rebuilt upTo(long toOffset, LongConsumer progress) {
    List<CheckpointRecord> known = recorded();
    long first =
        known.isEmpty()
            ? cluster.beginning(config.topic())
            : known.getLast().lineage().firstOffset();
    try (LearnerState state = LearnerState.fresh(config, models, first);
        LogReader log = cluster.log(config.topic())) {
      if (log.begin() > first || log.end() < toOffset) {
        throw new IllegalStateException(
            config.topic()
                + " has offsets "
                + log.begin()
                + " to "
                + (log.end() - 1)
                + ", expected "
                + first
                + " to "
                + (toOffset - 1));
      }
      log.seek(first);
      learn(state, log, toOffset, progress);
      Checkpoint image = state.image();
      CheckpointRecord same =
          known.stream()
              .filter(it -> it.lineage().nextOffset() == image.lineage().nextOffset())
              .findFirst()
              .orElse(null);
      return new Rebuilt(
          image.step(),
          image.lineage(),
          HexFormat.of().formatHex(image.recordsDigest()),
          image.stateHash(),
          same);
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
      log.seek(state.nextOffset());
      learn(state, log, toOffset, progress);
      Checkpoint image = state.image();
      return new Rebuilt(
          image.step(),
          image.lineage(),
          HexFormat.of().formatHex(image.recordsDigest()),
          image.stateHash(),
          null);
    }
  }

  private void learn(LearnerState state, LogReader log, long toOffset, LongConsumer progress) {
    RecordCodec codec = RecordCodecs.of(config, json);
    float[] row = new float[state.model().width()];
    while (log.position() < toOffset) {
      Optional<RecordBatch> batch = log.poll(POLL);
      for (int i = 0; batch.isPresent() && i < batch.get().size(); i++) {
        long offset = batch.get().offset(i);
        if (offset >= toOffset) {
          return;
        }
        learn(state, codec, row, offset, batch.get().value(i));
        progress.accept(offset);
      }
    }
  }

  private static void learn(
      LearnerState state, RecordCodec codec, float[] row, long offset, byte @Nullable [] value) {
    if (value == null) {
      state.refuse(offset);
      return;
    }
    try {
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
}
