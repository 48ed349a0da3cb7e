package dev.nagare.streaming.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One writer for a folder: two would delete each other's files. Ends with the process, however that
 * ends.
 *
 * @param channel holds the lock while it is open
 */
public record FolderLock(FileChannel channel) implements AutoCloseable {

  /**
   * Makes the folder if need be, and takes its lock.
   *
   * @throws IOException if the folder cannot be written
   * @throws IllegalStateException with the remedy, if another server holds it
   */
  public static FolderLock take(Path folder) throws IOException {
    Files.createDirectories(folder);
    var channel =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (!isTaken(channel)) {
      channel.close();
      throw new IllegalStateException(
          folder + " is in use by another server; stop that one or choose another with data:");
    }
    return new FolderLock(channel);
  }

  private static boolean isTaken(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // held in this very process
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
