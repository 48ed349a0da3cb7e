package dev.nagare.streaming.checkpoint;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last checkpoints of a model: files {@code checkpoint-<step>} in a folder of its own.
 *
 * <p>A file with that name is whole: it is written under another name, synced, renamed, and the
 * rename synced; only then is an older one deleted. Whatever is interrupted, a good one is left.
 * Not thread-safe.
 */
final class CheckpointFolder {
  /** Checkpoints that are kept: a damaged one costs a longer replay, not the model. */
  private static final int KEPT = 3;

  private static final String PREFIX = "checkpoint-";
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointFolder.class);

  private final Path folder;
  private final FileLayer files;

  /**
   * Opens the folder, makes it if need be, and removes what an interrupted write left.
   *
   * @throws IOException if it cannot be written
   */
  CheckpointFolder(Path folder, FileLayer files) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.files = files;
    for (Path left : list(".tmp")) {
      files.delete(left);
    }
  }

  Path path() {
    return folder;
  }

  /**
   * Writes a checkpoint; on return it is safe.
   *
   * @throws IOException if it could not be written; the earlier ones are as they were
   */
  void write(String configuration, long step, Lineage lineage, Checkpoint.State state)
      throws IOException {
    Path temporary = folder.resolve(PREFIX + step + ".tmp");
    try {
      try (var out = new BufferedOutputStream(files.create(temporary), 1 << 16)) {
        Checkpoint.write(out, configuration, step, lineage, state);
      }
      files.sync(temporary);
      files.rename(temporary, folder.resolve(PREFIX + step));
    } catch (IOException e) {
      removeAfter(e, temporary);
      throw e;
    }
    files.syncFolder(folder);
    List<Path> all = newestFirst();
    for (Path old : all.subList(Math.min(KEPT, all.size()), all.size())) {
      files.delete(old);
    }
  }

  /**
   * The newest checkpoint that is whole; a damaged one is named in the log and put aside, so that
   * it is not counted among the last ones.
   *
   * @throws IOException if the folder cannot be read
   */
  Optional<Checkpoint> newest() throws IOException {
    for (Path file : newestFirst()) {
      byte[] bytes = Files.readAllBytes(file);
      try {
        return Optional.of(Checkpoint.read(bytes));
      } catch (IOException e) {
        LOG.warn("{} is damaged ({}); taking the checkpoint before it", file, e.getMessage());
        files.rename(file, file.resolveSibling(file.getFileName() + ".damaged"));
      }
    }
    return Optional.empty();
  }

  private void removeAfter(IOException failure, Path temporary) {
    try {
      files.delete(temporary);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private List<Path> newestFirst() throws IOException {
    return list("").stream()
        .sorted(Comparator.comparingLong(CheckpointFolder::step).reversed())
        .toList();
  }

  private List<Path> list(String suffix) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(file -> file.getFileName().toString().matches(PREFIX + "\\d{1,18}" + suffix))
          .toList();
    }
  }

  private static long step(Path file) {
    return Long.parseLong(file.getFileName().toString().substring(PREFIX.length()));
  }
}
