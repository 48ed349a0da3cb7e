package dev.nagare.server.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records of a CSV file (RFC 4180) one after the other; empty lines are passed over. */
final class CsvFile implements AutoCloseable {
  private static final int END = -1;
  private static final int BYTE_ORDER_MARK = 0xFEFF;

  private final Path path;
  private final char delimiter;
  private final FileChannel channel;
  private final BufferedReader in;
  private final long bytes;
  private int next;
  private long line = 1;

  /** Opens a file. */
  CsvFile(Path path, char delimiter) throws IOException {
    this.path = path;
    this.delimiter = delimiter;
    this.channel = FileChannel.open(path);
    this.bytes = channel.size();
    this.in = new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), UTF_8));
    this.next = in.read();
    if (next == BYTE_ORDER_MARK) {
      next = in.read();
    }
  }

  /** The next record's values; null at the end. */
  @Nullable List<String> read() throws IOException {
    while (next == '\n' || next == '\r') {
      advance();
    }
    if (next == END) {
      return null;
    }
    var values = new ArrayList<String>();
    while (true) {
      values.add(next == '"' ? quoted() : plain());
      if (next != delimiter) {
        break;
      }
      advance();
    }
    return values;
  }

  /** How much of the file was read, from 0 to 1; a buffer ahead of what was given out. */
  double fraction() throws IOException {
    return bytes == 0 ? 1 : (double) channel.position() / bytes;
  }

  /** The line at hand, from 1. */
  long line() {
    return line;
  }

  private String plain() throws IOException {
    var text = new StringBuilder();
    while (next != delimiter && next != '\n' && next != '\r' && next != END) {
      text.append((char) next);
      advance();
    }
    return text.toString();
  }

  private String quoted() throws IOException {
    long began = line;
    var text = new StringBuilder();
    advance();
    while (true) {
      if (next == END) {
        throw fault(began, "expected a closing quote");
      }
      if (next == '"') {
        advance();
        if (next != '"') {
          break;
        }
      }
      text.append((char) next);
      advance();
    }
    if (next != delimiter && next != '\n' && next != '\r' && next != END) {
      throw fault(line, "expected a delimiter after the closing quote");
    }
    return text.toString();
  }

  private void advance() throws IOException {
    if (next == '\n') {
      line++;
    }
    next = in.read();
  }

  /** A failure at a line of the file. */
  CommandException fault(long at, String what) {
    return new CommandException(ExitCode.USAGE, path + ":" + at + ": " + what);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
