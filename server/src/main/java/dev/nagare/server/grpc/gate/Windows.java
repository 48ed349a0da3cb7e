package dev.nagare.server.grpc.gate;

import dev.nagare.server.metrics.Metrics;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;

/**
 * How much the callers of HTTP/2 connections may send that nobody has read yet. It lies on the heap
 * while a call is not read from, and no budget knows of it: so all connections share one allowance.
 * Each new one gets a quarter of what is left, which is plenty for a few connections and little for
 * many; never less than what HTTP/2 itself gives every connection.
 *
 * <p>For the event loop of the doors alone.
 */
final class Windows implements Handler<HttpConnection> {
  /** What a connection has before anything is said of it, and cannot be taken away. */
  static final int LEAST_BYTES = 65_535;

  static final int MOST_BYTES = 4 << 20;

  private static final int PART = 4;

  private final long allowance;
  private final Metrics metrics;
  private long given;

  /**
   * Nothing given yet.
   *
   * @param allowance bytes of all connections, beyond what each of them has anyway
   */
  Windows(long allowance, Metrics metrics) {
    this.allowance = allowance;
    this.metrics = metrics;
  }

  /** A sixteenth of the heap. */
  static long usualBytes() {
    return Runtime.getRuntime().maxMemory() / 16;
  }

  @Override
  public void handle(HttpConnection connection) {
    if (connection.getWindowSize() < 0) {
      return; // of HTTP/1.1, which the door answers once
    }
    int window = open();
    connection.setWindowSize(window);
    connection.closeHandler(closed -> close(window));
  }

  /** The window of one more connection. */
  int open() {
    int window = LEAST_BYTES;
    long part = (allowance - given) / PART;
    if (part > LEAST_BYTES) {
      window = (int) Math.min(part, MOST_BYTES);
    }
    given += window - LEAST_BYTES;
    metrics.windows(window);
    return window;
  }

  /** That of one that has ended. */
  void close(int window) {
    given -= window - LEAST_BYTES;
    metrics.windows(-window);
  }
}
