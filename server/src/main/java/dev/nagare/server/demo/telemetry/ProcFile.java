package dev.nagare.server.demo.telemetry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A file of {@code /proc} that is read again and again: opened once, into memory that is kept. Such
 * a file has no size and is made anew by a read at position 0.
 */
final class ProcFile {
  private final FileChannel channel;
  private final ProcText text = new ProcText();
  private byte[] bytes = new byte[8192];

  private ProcFile(FileChannel channel) {
    this.channel = channel;
  }

  /** Opens the file; null if this machine does not have it. */
  static @Nullable ProcFile open(Path path) throws IOException {
    return Files.isReadable(path)
        ? new ProcFile(FileChannel.open(path, StandardOpenOption.READ))
        : null;
  }

  /** The file as it is now, until the next call. */
  ProcText read() throws IOException {
    int length = 0;
    while (true) {
      int read = channel.read(ByteBuffer.wrap(bytes, length, bytes.length - length), length);
      if (read <= 0) {
        return text.reset(bytes, length);
      }
      length += read;
      if (length == bytes.length) {
        bytes = Arrays.copyOf(bytes, length * 2);
      }
    }
  }
}
