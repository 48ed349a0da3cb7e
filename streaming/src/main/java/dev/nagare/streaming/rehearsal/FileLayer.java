package dev.nagare.streaming.rehearsal;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** The steps of a durable write, one by one, so that a test or a drill can fail any of them. */
public interface FileLayer {
  /** The file system. */
  FileLayer DISK = new FileLayer() {};

  /** Opens a new file, or an old one from the start. */
  default OutputStream create(Path file) throws IOException {
    return Files.newOutputStream(file);
  }

  /** Returns when the file's bytes are on the disk. */
  default void sync(Path file) throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** Renames a file, over another one if need be: whoever looks sees the one or the other. */
  default void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Returns when the folder's entries are on the disk. */
  default void syncFolder(Path folder) throws IOException {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Deletes a file if it is there. */
  default void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }
}
