package dev.nagare.loadtest.bench.serve;

import dev.nagare.loadtest.bench.serve.wire.Tally;
import dev.nagare.loadtest.process.Server;
import java.io.IOException;

/**
 * A server that is measured, ours or a peer.
 *
 * @param server the process
 * @param port of HTTP
 * @param grpcPort of gRPC
 * @param clock what it has used
 */
record Subject(Server server, int port, int grpcPort, ProcessClock clock) {

  /** Ends it now rather than with the stage. */
  void end() {
    server.close();
  }

  /** Processor time so far, in seconds. */
  double cpuSeconds() throws IOException {
    return clock.cpuSeconds();
  }

  /**
   * Ends the row if a request was answered wrongly or not at all, and leaves what the server's
   * threads are at: one that is silent cannot be asked later.
   *
   * @param when the load ran
   */
  void requireAnswered(Tally tally, String when) throws IOException, InterruptedException {
    if (tally.failed() > 0) {
      throw new IOException(
          when + ": " + tally.counts() + "; the server's threads: " + server.process().threads());
    }
  }
}
