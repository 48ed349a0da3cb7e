package dev.nagare.server.security;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads certificates and tokens again when their files change, as a renewal by cert-manager or a
 * mounted secret does. What cannot be read is logged once, and what was read before counts on.
 */
public final class Renewal {
  private static final Logger LOG = LoggerFactory.getLogger(Renewal.class);
  private static final long PERIOD_MILLIS = 5_000;

  private final List<Watched> watched = new ArrayList<>();

  /** Makes one that watches nothing. */
  public Renewal() {}

  /** What is to be done with changed files; runs on a thread that may block. */
  @FunctionalInterface
  public interface Reader {
    void read() throws IOException;
  }

  private static final class Watched {
    final List<Path> files;
    final Reader reader;
    String seen;

    Watched(List<Path> files, Reader reader) {
      this.files = files;
      this.reader = reader;
      this.seen = state(files);
    }

    void look() {
      String now = state(files);
      if (now.equals(seen)) {
        return;
      }
      seen = now;
      try {
        reader.read();
        LOG.info("Read again: {}", files);
      } catch (IOException | RuntimeException e) {
        LOG.error("Changed, but not usable, so what was read before counts on: {}", e.getMessage());
      }
    }

    /** Times and sizes; a file that is being replaced is looked at again. */
    private static String state(List<Path> files) {
      var state = new StringBuilder();
      for (Path file : files) {
        try {
          state
              .append(Files.getLastModifiedTime(file).toMillis())
              .append(' ')
              .append(Files.size(file))
              .append('\n');
        } catch (IOException e) {
          state.append("missing\n");
        }
      }
      return state.toString();
    }
  }

  /** Watches files; to be called before {@link #start}. */
  public Renewal watch(List<Path> files, Reader reader) {
    watched.add(new Watched(List.copyOf(files), reader));
    return this;
  }

  /** Looks every five seconds until Vert.x is closed. */
  public void start(Vertx vertx) {
    if (!watched.isEmpty()) {
      vertx.setPeriodic(PERIOD_MILLIS, timer -> vertx.executeBlocking(this::look, true));
    }
  }

  /** Looks now. */
  boolean look() {
    watched.forEach(Watched::look);
    return true;
  }
}
