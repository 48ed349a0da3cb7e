package dev.nagare.loadtest.drill;

import dev.nagare.streaming.rehearsal.FileLayer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * A disk that forgets: what was written but never synced is torn when the power goes, under
 * whatever name it has by then. The process that ends here cannot know what the real disk would
 * have kept, so it takes the worst case.
 *
 * <p>The first files may be refused as well, as by a disk that is full.
 *
 * <p>Safe for any thread.
 */
final class PowerCutFiles implements FileLayer {
  private final boolean deaf;
  private final Set<Path> unsynced = new HashSet<>(); // guarded by itself, as what follows
  private int refusals;

  /**
   * Creates a disk.
   *
   * @param deaf whether it pretends to sync
   * @param refusals files that it has no room for, before there is room
   */
  PowerCutFiles(boolean deaf, int refusals) {
    this.deaf = deaf;
    this.refusals = refusals;
  }

  @Override
  public OutputStream create(Path file) throws IOException {
    synchronized (unsynced) {
      if (refusals > 0) {
        refusals--;
        throw new IOException(file + ": No space left on device (rehearsed)");
      }
      unsynced.add(file);
    }
    return FileLayer.super.create(file);
  }

  @Override
  public void sync(Path file) throws IOException {
    if (deaf) {
      return;
    }
    FileLayer.super.sync(file);
    synchronized (unsynced) {
      unsynced.remove(file);
    }
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    synchronized (unsynced) {
      FileLayer.super.rename(from, to);
      unsynced.remove(to);
      if (unsynced.remove(from)) {
        unsynced.add(to);
      }
    }
  }

  @Override
  public void delete(Path file) throws IOException {
    FileLayer.super.delete(file);
    synchronized (unsynced) {
      unsynced.remove(file);
    }
  }

  /** The power goes: the second half of whatever was not synced is zeros, the last byte is gone. */
  void cut() throws IOException {
    synchronized (unsynced) {
      for (Path file : unsynced) {
        if (!Files.exists(file)) {
          continue;
        }
        try (var torn = new RandomAccessFile(file.toFile(), "rw")) {
          long length = torn.length();
          torn.setLength(length / 2);
          torn.setLength(Math.max(0, length - 1));
        }
      }
    }
  }
}
