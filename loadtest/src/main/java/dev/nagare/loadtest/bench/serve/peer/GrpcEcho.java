package dev.nagare.loadtest.bench.serve.peer;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerRequest;
import java.io.IOException;

/** Answers each call with its message, whatever the method: {@code GrpcEcho PORT}. */
public final class GrpcEcho {
  private GrpcEcho() {}

  /** Runs it. */
  public static void main(String[] args) throws IOException {
    Bare.serve(Integer.parseInt(args[0]), GrpcEcho::echo);
  }

  private static GrpcServer echo(Vertx vertx) {
    GrpcServer server = GrpcServer.server(vertx);
    server.callHandler(GrpcEcho::answer);
    return server;
  }

  private static void answer(GrpcServerRequest<Buffer, Buffer> request) {
    request.handler(message -> request.response().end(message));
  }
}
