package dev.nagare.streaming.checkpoint;

import dev.nagare.streaming.rehearsal.CrashPoint;
import dev.nagare.streaming.rehearsal.FileLayer;
import dev.nagare.streaming.rehearsal.Rehearsal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The blobs of a model on the local disk: a cache of what the snapshots topic has.
 *
 * <p>A file with a checkpoint's name is whole: it is written under another name, synced, renamed,
 * and the rename synced. Whatever is interrupted, the others are as they were. Not thread-safe.
 */
public final class CheckpointFolder {
  /** See {@link CheckpointName}. */
  private static final String NAME = ".+-\\d{1,18}-\\d{1,18}-\\d{1,18}-\\d{1,9}";

  private static final String TEMPORARY = ".tmp";
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointFolder.class);

  private final Path folder;
  private final FileLayer files;
  private final Rehearsal rehearsal;

  /**
   * Opens the folder, makes it if need be, and removes what an interrupted write left.
   *
   * @throws IOException if it cannot be written
   */
  public CheckpointFolder(Path folder, Rehearsal rehearsal) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.files = rehearsal.files();
    this.rehearsal = rehearsal;
    for (Path left : list(TEMPORARY)) {
      files.delete(left);
    }
  }

  /** Where the blobs are. */
  public Path path() {
    return folder;
  }

  /**
   * Writes a blob; on return it is safe.
   *
   * @throws IOException if it could not be written; the others are as they were
   */
  public void write(String name, byte[] blob) throws IOException {
    Path temporary = folder.resolve(name + TEMPORARY);
    try {
      try (OutputStream out = files.create(temporary)) {
        out.write(blob);
      }
      rehearsal.reached(CrashPoint.BEFORE_FSYNC);
      files.sync(temporary);
      rehearsal.reached(CrashPoint.AFTER_FSYNC);
      rehearsal.reached(CrashPoint.BEFORE_RENAME);
      files.rename(temporary, folder.resolve(name));
    } catch (IOException e) {
      removeAfter(e, temporary);
      throw e;
    }
    files.syncFolder(folder);
    rehearsal.reached(CrashPoint.AFTER_RENAME);
  }

  /**
   * The blob of that name, unless it is missing or damaged; a damaged one is named in the log and
   * put aside.
   *
   * @param sha256 that it must have
   * @throws IOException if the folder cannot be read
   */
  public Optional<byte[]> read(String name, String sha256) throws IOException {
    Path file = folder.resolve(name);
    try {
      byte[] blob = Files.readAllBytes(file);
      if (Sha256.hex(Sha256.of(blob)).equals(sha256)) {
        return Optional.of(blob);
      }
      putAside(file, "its SHA-256 is not that of the registry");
      return Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * The newest checkpoint that is whole, whatever the registry says: good to answer with until
   * Kafka can be asked.
   *
   * @throws IOException if the folder cannot be read
   */
  public Optional<Checkpoint> newest() throws IOException {
    for (Path file : newestFirst()) {
      try {
        return Optional.of(Checkpoint.read(Files.readAllBytes(file)));
      } catch (IOException e) {
        putAside(file, String.valueOf(e.getMessage()));
      }
    }
    return Optional.empty();
  }

  /** Deletes every blob but those of these names. */
  public void retain(Set<String> names) throws IOException {
    for (Path file : list("")) {
      if (!names.contains(file.getFileName().toString())) {
        files.delete(file);
      }
    }
  }

  private void putAside(Path file, String why) throws IOException {
    LOG.warn("{} is damaged ({}); taking another copy, or the checkpoint before it", file, why);
    files.rename(file, file.resolveSibling(file.getFileName() + ".damaged"));
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
      return entries.filter(file -> file.getFileName().toString().matches(NAME + suffix)).toList();
    }
  }

  private static long step(Path file) {
    return CheckpointName.parse(file.getFileName().toString()).step();
  }
}
