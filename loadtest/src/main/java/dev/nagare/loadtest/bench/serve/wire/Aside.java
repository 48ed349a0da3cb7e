package dev.nagare.loadtest.bench.serve.wire;

import java.io.IOException;
import java.nio.channels.Selector;

/**
 * A call beside the load, over a connection of its own, such as the order to load another version.
 * Not counted.
 */
public final class Aside {
  private final Call call;
  private final Wire wire;
  private int status = -1;
  private long nanos;

  Aside(Call call, int port, Selector selector) throws IOException {
    this.call = call;
    this.wire =
        new Http1Wire(
            port,
            selector,
            (from, due, number, answer, bodyBytes) -> {
              status = answer;
              nanos = System.nanoTime() - due;
            });
  }

  void send() throws IOException {
    status = -1;
    wire.send(call, 0, System.nanoTime());
  }

  boolean answered() {
    return status >= 0;
  }

  /** Of the last answer; -1 if there was none. */
  public int status() {
    return status;
  }

  /** What the last answer took, in seconds. */
  public double seconds() {
    return nanos / 1e9;
  }
}
