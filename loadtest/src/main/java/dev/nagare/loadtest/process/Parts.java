package dev.nagare.loadtest.process;

import dev.nagare.server.cli.FolderTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A temporary folder and what runs in it: all of it ends, the last that came first, whatever one of
 * them says to that, and then the folder goes. Used by one thread.
 */
public final class Parts implements AutoCloseable {
  private final Path folder;
  private final List<AutoCloseable> parts = new ArrayList<>();

  private Parts(Path folder) {
    this.folder = folder;
  }

  /** A folder with nothing in it. */
  public static Parts inTemporaryFolder() throws IOException {
    return new Parts(Files.createTempDirectory("nagare-bench-"));
  }

  /** The folder. */
  public Path folder() {
    return folder;
  }

  /** Ends this before all that came earlier. */
  public void add(AutoCloseable part) {
    parts.add(part);
  }

  /** Ends this after everything else. */
  public void addLastToEnd(AutoCloseable part) {
    parts.addFirst(part);
  }

  /**
   * Ends all parts and removes the folder.
   *
   * @throws IOException if one could not be ended, with what the others said to it
   */
  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (AutoCloseable part : parts.reversed()) {
      try {
        part.close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new IOException("the stage could not be cleared: " + e, e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    FolderTree.delete(folder);
    if (failure != null) {
      throw failure;
    }
  }
}
