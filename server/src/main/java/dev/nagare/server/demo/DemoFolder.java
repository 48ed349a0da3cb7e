package dev.nagare.server.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.cli.FolderTree;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a demo keeps the broker's log, the server's checkpoints, its start-up file and what both
 * print. One demo at a time: the folder is locked as long as it is open.
 */
final class DemoFolder implements AutoCloseable {
  private static final String MARKER = "nagare-demo.lock";
  private static final String REHEARSAL_MODELS = "rehearsal-models";
  private static final List<String> OURS =
      List.of("broker", "server", REHEARSAL_MODELS, "nagare.yaml", "broker.log", "server.log");
  private static final long LEAST_BYTES = 128L << 20;

  private final Path path;
  private final FileChannel marker;

  private DemoFolder(Path path, FileChannel marker) {
    this.path = path;
    this.marker = marker;
  }

  /**
   * The folder of a demo on this port: {@code NAGARE_DATA}, else below {@code XDG_DATA_HOME} or
   * {@code ~/.local/share}.
   */
  static Path standard(Map<String, String> environment, String userHome, int port) {
    String data = environment.getOrDefault("NAGARE_DATA", "");
    if (!data.isBlank()) {
      return Path.of(data).toAbsolutePath();
    }
    String xdg = environment.getOrDefault("XDG_DATA_HOME", "");
    Path share = xdg.startsWith("/") ? Path.of(xdg) : Path.of(userHome, ".local", "share");
    return share.resolve("nagare").resolve("demo").resolve(Integer.toString(port));
  }

  /**
   * Creates and locks the folder.
   *
   * @param fresh whether to delete what an earlier demo left in it; nothing else is touched
   * @throws CommandException with the remedy
   */
  static DemoFolder open(Path path, boolean fresh) {
    FileChannel marker = null;
    try {
      Files.createDirectories(path);
      Path file = path.resolve(MARKER);
      boolean known = Files.exists(file);
      if (fresh && !known && !isEmpty(path)) {
        throw new CommandException(
            ExitCode.USAGE,
            path + " was not made by a demo and is not deleted; choose another folder with --data");
      }
      marker = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      lock(marker, path);
      if (fresh) {
        for (String entry : OURS) {
          FolderTree.delete(path.resolve(entry));
        }
      }
      requireSpace(path);
      for (String entry : OURS) {
        if (entry.endsWith(".log")) {
          Files.deleteIfExists(path.resolve(entry)); // tells of one demo only
        }
      }
      Files.createDirectories(path.resolve("broker"));
      Files.createDirectories(path.resolve("server"));
      return new DemoFolder(path, marker);
    } catch (IOException | CommandException e) {
      close(marker);
      throw e instanceof CommandException known ? known : cannotWrite(path, (IOException) e);
    }
  }

  private static void lock(FileChannel marker, Path path) throws IOException {
    FileLock lock;
    try {
      lock = marker.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new CommandException(
          ExitCode.USAGE,
          "another demo uses " + path + "; stop it, or choose another folder with --data");
    }
  }

  private static void requireSpace(Path path) throws IOException {
    long free = Files.getFileStore(path).getUsableSpace();
    if (free < LEAST_BYTES) {
      throw new CommandException(
          ExitCode.USAGE,
          "%d MB free in %s, the demo needs %d; free some, or choose another folder with --data"
              .formatted(free >> 20, path, LEAST_BYTES >> 20));
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (var entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    }
  }

  /** What a failed write means, with the remedy. */
  static CommandException cannotWrite(Path path, IOException failure) {
    String reason =
        failure instanceof java.nio.file.AccessDeniedException
            ? "permission denied"
            : String.valueOf(failure.getMessage());
    return new CommandException(
        ExitCode.USAGE,
        "cannot write " + path + ": " + reason + "; choose another folder with --data",
        failure);
  }

  Path path() {
    return path;
  }

  Path brokerData() {
    return path.resolve("broker");
  }

  Path serverData() {
    return path.resolve("server");
  }

  Path log(String child) {
    return path.resolve(child + ".log");
  }

  /** Writes the models of a rehearsal, those of a folder among them. */
  Path rehearsalModels(@Nullable Path known) throws IOException {
    return RehearsalModels.write(Files.createDirectories(path.resolve(REHEARSAL_MODELS)), known);
  }

  /** Writes the server's start-up file. */
  Path writeServeFile(String yaml) {
    Path file = path.resolve("nagare.yaml");
    try {
      Files.writeString(file, yaml, UTF_8);
      return file;
    } catch (IOException e) {
      throw cannotWrite(file, e);
    }
  }

  /** Gives the lock back; the folder stays. */
  @Override
  public void close() {
    close(marker);
  }

  private static void close(@Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
