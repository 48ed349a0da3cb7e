package dev.nagare.loadtest.bench.serve;

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
}
