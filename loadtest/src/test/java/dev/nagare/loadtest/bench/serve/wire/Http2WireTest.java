package dev.nagare.loadtest.bench.serve.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerRequest;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The frames that we write by hand, as a server of others' reads them. */
class Http2WireTest {
  private static final byte[] MESSAGE = {0, 0, 0, 0, 3, 'a', 'b', 'c'};

  private final AtomicInteger asked = new AtomicInteger();
  private final Queue<String> methods = new ConcurrentLinkedQueue<>();
  private Vertx vertx;
  private int port;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    GrpcServer grpc = GrpcServer.server(vertx);
    grpc.callHandler(this::answer);
    port =
        vertx
            .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
            .requestHandler(grpc)
            .listen()
            .toCompletionStage()
            .toCompletableFuture()
            .join()
            .actualPort();
  }

  @AfterEach
  void stop() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private void answer(GrpcServerRequest<Buffer, Buffer> request) {
    methods.add(request.fullMethodName());
    request.handler(
        message -> {
          if (asked.incrementAndGet() % 3 == 0) {
            request.response().status(GrpcStatus.RESOURCE_EXHAUSTED).end();
          } else {
            request.response().end(message);
          }
        });
  }

  @Test
  void callsGoToTheirMethodAndErrorsAreNoAnswers() throws Exception {
    try (var load = new Generator(port, Transport.grpc("/a.B/C"), List.of(new Call(MESSAGE)))) {
      assertThat(load.answers().getFirst()).isEqualTo(MESSAGE);
      asked.set(0);
      Tally tally = load.open(300, Duration.ofMillis(500), null);
      long due = tally.due();
      assertThat(due).isGreaterThan(6);
      assertThat(tally.failed()).isEqualTo(due / 3);
      assertThat(tally.answered()).isEqualTo(due - due / 3);
      assertThat(methods).hasSize((int) due + 1).containsOnly("a.B/C");
    }
  }

  /** More calls than any window or table holds at once. */
  @Test
  void aConnectionGoesOnAfterManyCalls() throws Exception {
    try (var load = new Generator(port, Transport.grpc("/a.B/C"), List.of(new Call(MESSAGE)))) {
      long answered = 0;
      while (answered < 20_000) {
        Tally tally = load.closed(2 * Http2Wire.STREAMS, Duration.ofMillis(500));
        assertThat(tally.answered() + tally.failed()).isEqualTo(tally.due());
        assertThat(tally.answered()).isPositive();
        answered += tally.due();
      }
    }
  }
}
