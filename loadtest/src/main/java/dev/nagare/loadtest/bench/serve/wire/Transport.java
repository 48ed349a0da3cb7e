package dev.nagare.loadtest.bench.serve.wire;

import java.io.IOException;
import java.nio.channels.Selector;

/** How requests travel, and over how many connections. */
public abstract sealed class Transport {
  private Transport() {}

  /** HTTP/1.1 over that many connections, a request at a time on each. */
  public static Transport http(int connections) {
    return new Http(connections);
  }

  /** gRPC, one method, over two connections with many calls at a time. */
  public static Transport grpc(String method) {
    return new Grpc(method);
  }

  abstract int connections();

  /** Calls that a connection carries at a time. */
  abstract int callsAtATime();

  abstract Wire open(int port, Selector selector, Wire.Replies replies) throws IOException;

  private static final class Http extends Transport {
    private final int connections;

    Http(int connections) {
      this.connections = connections;
    }

    @Override
    int connections() {
      return connections;
    }

    @Override
    int callsAtATime() {
      return 1;
    }

    @Override
    Wire open(int port, Selector selector, Wire.Replies replies) throws IOException {
      return new Http1Wire(port, selector, replies);
    }
  }

  private static final class Grpc extends Transport {
    private final String method;

    Grpc(String method) {
      this.method = method;
    }

    @Override
    int connections() {
      return 2;
    }

    @Override
    int callsAtATime() {
      return Http2Wire.STREAMS;
    }

    @Override
    Wire open(int port, Selector selector, Wire.Replies replies) throws IOException {
      return new Http2Wire(port, method, selector, replies);
    }
  }
}
