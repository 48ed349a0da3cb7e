package dev.nagare.streaming.learn;

import dev.nagare.models.online.OnlineModel;
import dev.nagare.streaming.Lineage;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.checkpoint.Checkpoint;
import dev.nagare.streaming.checkpoint.CheckpointFolder;
import dev.nagare.streaming.checkpoint.FolderLock;
import dev.nagare.streaming.rehearsal.OnlineModels;
import dev.nagare.streaming.rehearsal.Rehearsal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a model answers with until Kafka can be asked: the newest checkpoint of the local cache, or
 * a fresh model.
 *
 * @param folder the model's own
 * @param lock of that folder
 * @param model to be published; the caller's to be closed
 * @param lineage of that model
 */
public record StartingPoint(
    CheckpointFolder folder, FolderLock lock, OnlineModel model, Lineage lineage) {

  /**
   * Opens the model's folder.
   *
   * @param data folder of all models
   * @throws IllegalStateException with the remedy, if it cannot be used, or has checkpoints of
   *     another configuration
   */
  public static StartingPoint open(
      LearnedModel config, Path data, OnlineModels models, Rehearsal rehearsal) {
    Path path = data.resolve(config.name());
    try {
      FolderLock lock = FolderLock.take(path);
      try {
        return open(config, new CheckpointFolder(path, rehearsal), lock, models);
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

  private static StartingPoint open(
      LearnedModel config, CheckpointFolder folder, FolderLock lock, OnlineModels models)
      throws IOException {
    Optional<Checkpoint> newest = folder.newest();
    LearnerState state =
        newest.isEmpty()
            ? LearnerState.fresh(config, models, 0)
            : LearnerState.restored(config, models, newest.get());
    return new StartingPoint(folder, lock, state.model(), state.lineage());
  }
}
