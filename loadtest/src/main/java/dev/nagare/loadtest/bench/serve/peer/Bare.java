package dev.nagare.loadtest.bench.serve.peer;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.function.Function;

/** A Vert.x server with one event loop and no router, on loopback. */
final class Bare {
  private Bare() {}

  /** Serves until standard input ends, which it does with the process that started this one. */
  static void serve(int port, Function<Vertx, Handler<HttpServerRequest>> handler)
      throws IOException {
    var options = new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1);
    Vertx vertx = Vertx.vertx(options);
    HttpServer server =
        vertx.createHttpServer(
            new HttpServerOptions().setHost("127.0.0.1").setPort(port).setTcpNoDelay(true));
    server
        .requestHandler(handler.apply(vertx))
        .listen()
        .toCompletionStage()
        .toCompletableFuture()
        .join();
    System.out.println("READY " + port);
    while (System.in.read() >= 0) {
      // nobody says anything
    }
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
