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
import java.util.function.BooleanSupplier;
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
    return rebuilt(image(firstOffset, toOffset, Course.of(progress)));
  }

  /**
   * How a version is made again.
   *
   * @param progress told of each offset passed
   * @param givenUp looked at before each record
   */
  record Course(LongConsumer progress, BooleanSupplier givenUp) {
    static Course of(LongConsumer progress) {
      return new Course(progress, () -> false);
    }
  }

  /**
   * What a roll-back goes back to: a copy of the checkpoint, or the same made again from the log.
   *
   * @throws LostCheckpointException with the reason, if neither can be had
   * @throws GivenUpException if it was given up
   * @throws IOException if a copy is whole and cannot be read
   */
  Checkpoint target(CheckpointRecord wanted, Course course) throws IOException {
    Optional<byte[]> blob = new Registry(cluster).fetch(wanted);
    return blob.isPresent() ? Checkpoint.read(blob.get()) : image(wanted, course);
  }

  /**
   * A checkpoint as it was.
   *
   * @throws LostCheckpointException with the reason, if the log does not have all records, or other
   *     kernels than then make other bits of them
   */
  private Checkpoint image(CheckpointRecord wanted, Course course) {
    Lineage lineage = wanted.lineage();
    Checkpoint image = image(lineage.firstOffset(), lineage.nextOffset(), course);
    if (!image.stateHash().equals(wanted.stateHash())) {
      throw new LostCheckpointException(
          "model "
              + config.name()
              + ": no copy of checkpoint "
              + wanted.name()
              + " is left, and made again from the log it is another one, of kernels "
              + wanted.kernelId());
    }
    return image;
  }

  private Checkpoint image(long firstOffset, long toOffset, Course course) {
    try (LearnerState state = LearnerState.fresh(config, models, firstOffset);
        LogReader log = cluster.log(config.topic())) {
      if (log.begin() > firstOffset || log.end() < toOffset) {
        throw new LostCheckpointException(
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
      return learn(state, log, toOffset, course);
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
      return rebuilt(learn(state, log, toOffset, Course.of(progress)));
    }
  }

  private static Rebuilt rebuilt(Checkpoint image) {
    return new Rebuilt(
        image.step(), image.lineage(), Sha256.hex(image.recordsDigest()), image.stateHash());
  }

  private Checkpoint learn(LearnerState state, LogReader log, long toOffset, Course course) {
    RecordCodec codec = RecordCodecs.of(config, json);
    float[] row = new float[state.model().width()];
    log.seek(state.nextOffset());
    boolean more = true;
    while (more && log.position() < toOffset) {
      Optional<RecordBatch> batch = log.poll(POLL);
      requireWanted(course);
      for (int i = 0; more && batch.isPresent() && i < batch.get().size(); i++) {
        long offset = batch.get().offset(i);
        more = offset < toOffset;
        if (more) {
          requireWanted(course);
          learn(state, codec, row, batch.get(), i, course);
          course.progress().accept(offset);
        }
      }
    }
    return state.image();
  }

  private static void requireWanted(Course course) {
    if (course.givenUp().getAsBoolean()) {
      throw new GivenUpException();
    }
  }

  private void learn(
      LearnerState state,
      RecordCodec codec,
      float[] row,
      RecordBatch batch,
      int index,
      Course course) {
    long offset = batch.offset(index);
    byte[] value = batch.value(index);
    if (value == null) {
      state.refuse(offset);
      return;
    }
    try {
      RollBack back = RollBack.of(batch, index, value, config.name());
      if (back != null) {
        state.rollBack(target(back.target(), course), offset, value);
        return;
      }
      InferenceRequest question = codec.read(value, row);
      if (question == null) {
        var _ = state.observe(row, offset, value);
      } else {
        question.close();
        state.pass(offset);
      }
    } catch (RefusedRecordException | LostCheckpointException e) {
      state.refuse(offset); // as the learner did
    } catch (IOException e) {
      throw new IllegalStateException(
          config.topic() + ": the roll-back at offset " + offset + " cannot be repeated: " + e, e);
    }
  }
}
