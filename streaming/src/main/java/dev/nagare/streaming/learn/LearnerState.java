package dev.nagare.streaming.learn;

import dev.nagare.models.online.OnlineModel;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.kafka.TopicReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model with its place in the log, and the checkpoints of both: they change together, at a record
 * edge. Belongs to one thread at a time, the learner's.
 */
final class LearnerState implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LearnerState.class);

  private final String name;
  private final String configuration;
  private final FolderLock lock;
  private final CheckpointFolder folder;
  private final OnlineModel model;
  private Lineage lineage;
  private long safeOffset;

  private LearnerState(
      LearnedModel config,
      FolderLock lock,
      CheckpointFolder folder,
      OnlineModel model,
      Lineage lineage) {
    this.name = config.name();
    this.configuration = describe(config);
    this.lock = lock;
    this.folder = folder;
    this.model = model;
    this.lineage = lineage;
    this.safeOffset = lineage.nextOffset();
  }

  /**
   * Restores the newest checkpoint, or begins afresh.
   *
   * @param path the model's own folder
   * @throws IllegalStateException with the remedy, if neither is possible
   */
  static LearnerState open(LearnedModel config, Path path, FileLayer files, OnlineModels models) {
    try {
      FolderLock lock = FolderLock.take(path);
      try {
        return open(config, lock, new CheckpointFolder(path, files), models);
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw new IllegalStateException(
          "model "
              + config.name()
              + ": checkpoints in "
              + path
              + " cannot be used ("
              + e
              + "); mend the folder or choose another with data:",
          e);
    }
  }

  private static LearnerState open(
      LearnedModel config, FolderLock lock, CheckpointFolder folder, OnlineModels models)
      throws IOException {
    Optional<Checkpoint> newest = folder.newest();
    if (newest.isEmpty()) {
      LOG.info("{} starts afresh: no usable checkpoint in {}", config.name(), folder.path());
      var lineage = new Lineage(config.name() + ".requests", 0, 0);
      return new LearnerState(config, lock, folder, models.fresh(config.forecaster()), lineage);
    }
    return restored(config, lock, folder, models, newest.get());
  }

  private static LearnerState restored(
      LearnedModel config,
      FolderLock lock,
      CheckpointFolder folder,
      OnlineModels models,
      Checkpoint checkpoint)
      throws IOException {
    if (!checkpoint.configuration().equals(describe(config))) {
      throw new IllegalStateException(
          "model "
              + config.name()
              + ": the checkpoints in "
              + folder.path()
              + " are of another configuration, "
              + checkpoint.configuration()
              + ", expected "
              + describe(config)
              + "; restore that configuration, move the folder away or choose another with data:");
    }
    OnlineModel model = models.restored(config.forecaster(), checkpoint.state());
    LOG.info(
        "resumed {} from checkpoint at step {}, next offset {}",
        config.name(),
        checkpoint.step(),
        checkpoint.lineage().nextOffset());
    return new LearnerState(config, lock, folder, model, checkpoint.lineage());
  }

  private static String describe(LearnedModel config) {
    return config.features() + " " + config.forecaster();
  }

  OnlineModel model() {
    return model;
  }

  /** What the model has learned; its offset is the next to read. */
  Lineage lineage() {
    return lineage;
  }

  /** Where to read next: without a past at the log's beginning, whatever offset that has. */
  long readFrom() {
    return lineage.nextOffset() == 0 ? TopicReader.BEGINNING : lineage.nextOffset();
  }

  /** The record before this offset is done. */
  void advance(long nextOffset) {
    lineage = new Lineage(lineage.topic(), lineage.partition(), nextOffset);
  }

  /** Whether there is anything that the newest checkpoint does not have. */
  boolean isUnsaved() {
    return lineage.nextOffset() != safeOffset;
  }

  /**
   * Writes a checkpoint.
   *
   * @return what went wrong, with the remedy, in one line; null if it is safe
   */
  @Nullable String save() {
    try {
      folder.write(configuration, model.version(), lineage, model::save);
      safeOffset = lineage.nextOffset();
      return null;
    } catch (IOException e) {
      return "checkpoint of "
          + name
          + " at step "
          + model.version()
          + " could not be written to "
          + folder.path()
          + " ("
          + e.getMessage()
          + "); free some space there or choose another folder with data:; the last good one is"
          + " intact";
    }
  }

  @Override
  public void close() {
    model.close();
    try {
      lock.close();
    } catch (IOException e) {
      LOG.warn("{}: the lock of {} could not be closed", name, folder.path(), e);
    }
  }
}
