package dev.nagare.streaming.learn;

import dev.nagare.models.online.OnlineModel;
import dev.nagare.models.online.StateOutput;
import dev.nagare.models.online.StepReport;
import dev.nagare.streaming.Lineage;
import dev.nagare.streaming.Refusal;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.checkpoint.Checkpoint;
import dev.nagare.streaming.checkpoint.RecordsDigest;
import dev.nagare.streaming.codec.RefusedRecordException;
import dev.nagare.streaming.rehearsal.OnlineModels;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A model with its place in the log: they change together, at a record edge. Belongs to one thread
 * at a time.
 */
final class LearnerState implements AutoCloseable {
  private final String configuration;
  private final OnlineModel model;
  private final RecordsDigest digest = new RecordsDigest();
  private final String topic;
  private final int partition;
  private final long firstOffset;
  private long nextOffset;
  private long examples;
  private long refused;
  private long quarantined;

  private LearnerState(String configuration, OnlineModel model, Lineage lineage) {
    this.configuration = configuration;
    this.model = model;
    this.topic = lineage.topic();
    this.partition = lineage.partition();
    this.firstOffset = lineage.firstOffset();
    this.nextOffset = lineage.nextOffset();
    this.examples = lineage.examples();
    this.refused = lineage.refused();
    this.quarantined = lineage.quarantined();
  }

  /** Nothing learned yet; the model's life begins at an offset. */
  static LearnerState fresh(LearnedModel config, OnlineModels models, long firstOffset) {
    var lineage = new Lineage(config.topic(), 0, firstOffset, firstOffset, 0, 0, 0);
    return new LearnerState(describe(config), models.fresh(config.online()), lineage);
  }

  /**
   * As a checkpoint has it.
   *
   * @throws IllegalStateException with the remedy, if it is of another configuration
   * @throws IOException if the model's state cannot be read
   */
  static LearnerState restored(LearnedModel config, OnlineModels models, Checkpoint checkpoint)
      throws IOException {
    if (!checkpoint.configuration().equals(describe(config))) {
      throw new IllegalStateException(
          "model "
              + config.name()
              + ": its checkpoints are of another configuration, "
              + checkpoint.configuration()
              + ", expected "
              + describe(config)
              + "; restore that configuration, or give the changed model another name");
    }
    OnlineModel model = models.restored(config.online(), checkpoint.stateInput());
    var state = new LearnerState(describe(config), model, checkpoint.lineage());
    state.digest.restore(checkpoint.recordsDigest());
    return state;
  }

  /** What a checkpoint must have in common with a model that goes on from it. */
  static String describe(LearnedModel config) {
    String label = config.label() == null ? "" : " -> " + config.label();
    return config.features() + label + " " + config.online();
  }

  OnlineModel model() {
    return model;
  }

  /** Of the log that it learns. */
  int partition() {
    return partition;
  }

  /** How many records it has learned in its life. */
  long examples() {
    return examples;
  }

  /** Next to learn. */
  long nextOffset() {
    return nextOffset;
  }

  /** Which records the model has learned. */
  Lineage lineage() {
    return new Lineage(topic, partition, firstOffset, nextOffset, examples, refused, quarantined);
  }

  /** Scores and learns a record. */
  StepReport observe(float[] row, long offset, byte[] value) {
    StepReport report = model.observe(row, offset);
    digest.add(offset, value);
    examples++;
    quarantined += report.quarantined();
    nextOffset = offset + 1;
    return report;
  }

  /**
   * Goes back to the weights of a checkpoint, by a record that says so.
   *
   * @throws RefusedRecordException if it is of another configuration, or damaged; nothing has
   *     changed then
   */
  void rollBack(Checkpoint target, long offset, byte[] value) {
    try {
      if (!target.configuration().equals(configuration)) {
        throw new IOException(
            "expected configuration " + configuration + ", got " + target.configuration());
      }
      model.rollBack(target.stateInput());
    } catch (IOException | IllegalArgumentException e) {
      throw new RefusedRecordException(Refusal.MALFORMED, "roll-back: " + e.getMessage());
    }
    digest.add(offset, value);
    nextOffset = offset + 1;
  }

  /** A record that teaches nothing, and cannot be read either. */
  void refuse(long offset) {
    refused++;
    nextOffset = offset + 1;
  }

  /** A record that teaches nothing. */
  void pass(long offset) {
    nextOffset = offset + 1;
  }

  /** All of it, at this record edge. */
  Checkpoint image() {
    var bytes = new ByteArrayOutputStream(1 << 16);
    try (var out = new DataOutputStream(bytes)) {
      model.save(new StateOutput(out));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // an array does not fail to be written to
    }
    return new Checkpoint(
        configuration, model.version(), lineage(), digest.value(), bytes.toByteArray());
  }

  @Override
  public void close() {
    model.close();
  }
}
