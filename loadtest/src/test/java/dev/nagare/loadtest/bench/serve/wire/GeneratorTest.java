package dev.nagare.loadtest.bench.serve.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GeneratorTest {
  private static final Duration SHORT = Duration.ofMillis(400);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger asked = new AtomicInteger();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void callsAreSentInTurnAndTheirAnswersGivenBack() throws Exception {
    Queue<String> bodies = new ConcurrentLinkedQueue<>();
    answers(
        exchange -> {
          String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
          bodies.add(body);
          answer(exchange, 200, "re " + body);
        });
    try (Generator load = generator(1, call("one"), call("three"))) {
      assertThat(load.answers())
          .extracting(body -> new String(body, UTF_8))
          .containsExactly("re one", "re three");
      Tally tally = load.open(100, SHORT, null);
      assertThat(tally.answered()).isPositive().isEqualTo(tally.due());
      assertThat(bodies).hasSize((int) tally.due() + 2);
      assertThat(List.copyOf(bodies).subList(2, 4)).containsExactly("one", "three");
    }
  }

  @Test
  void aLargeCallIsSentWhole() throws Exception {
    String large = "a large call ".repeat(40_000);
    answers(
        exchange -> {
          String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
          answer(exchange, 200, Boolean.toString(body.equals(large)));
        });
    try (Generator load = generator(1, call(large))) {
      assertThat(load.answers())
          .extracting(body -> new String(body, UTF_8))
          .containsExactly("true");
      Tally tally = load.open(20, SHORT, null);
      assertThat(tally.answered()).isPositive().isEqualTo(tally.due());
    }
  }

  @Test
  void everyKindOfAnswerIsCountedAsWhatItIs() throws Exception {
    answers(
        exchange -> {
          int number = asked.getAndIncrement();
          switch (number % 4) {
            case 1 -> answer(exchange, 429, "busy");
            case 2 -> answer(exchange, 504, "too late");
            case 3 -> answer(exchange, 200, "short");
            default -> answer(exchange, 200, "the right answer");
          }
        });
    try (Generator load = generator(1, call("x"))) {
      load.answers();
      asked.set(0);
      Tally tally = load.open(200, SHORT, null);
      long due = tally.due();
      assertThat(due).isGreaterThan(8);
      assertThat(tally.answered()).isEqualTo((due + 3) / 4);
      assertThat(tally.refused()).isEqualTo((due + 2) / 4);
      assertThat(tally.late()).isEqualTo((due + 1) / 4);
      assertThat(tally.failed()).isEqualTo(due / 4);
      assertThat(tally.counts()).contains("refused");
    }
  }

  @Test
  void anAnswerLongerThanWhatIsReadAtOnceIsCountedOnce() throws Exception {
    String large = "x".repeat(1 << 20);
    answers(exchange -> answer(exchange, 200, large));
    try (Generator load = generator(2, call("x"))) {
      assertThat(load.answers().getFirst()).hasSize(large.length());
      Tally tally = load.closed(2, SHORT);
      assertThat(tally.answered()).isPositive().isEqualTo(tally.due());
    }
  }

  /** One connection, which hangs until half of the requests are due: all of them have waited. */
  @Test
  void aStallCountsForEveryRequestThatWasDueInIt() throws Exception {
    var go = new Semaphore(0);
    answers(
        exchange -> {
          if (asked.incrementAndGet() == 2) { // the first one is the one that answers() sends
            go.acquireUninterruptibly();
          }
          answer(exchange, 200, "y");
        });
    try (Generator load = generator(1, call("x"))) {
      load.answers();
      long start = System.nanoTime();
      threads.execute(
          () -> {
            // The wait is part of the input, and is not asserted.
            long left = Duration.ofMillis(500).toNanos() - (System.nanoTime() - start);
            java.util.concurrent.locks.LockSupport.parkNanos(Math.max(0, left));
            go.release();
          });
      Tally tally = load.open(200, Duration.ofSeconds(1), null);
      assertThat(tally.answered()).isEqualTo(tally.due());
      // Had only the first one counted, p90 would be a thousandth of the longest.
      assertThat(tally.latency(0.9)).isGreaterThan(tally.latency(1) / 4);
    }
  }

  @Test
  void anAnswerAfterTheDeadlineIsAnAnswerButNotInTime() throws Exception {
    answers(exchange -> answer(exchange, 200, "y"));
    try (Generator load = generator(2, call("x"))) {
      load.answers();
      Tally tally = load.open(100, SHORT, Duration.ofNanos(1));
      assertThat(tally.answered()).isPositive();
      assertThat(tally.inTime()).isZero();
      assertThat(tally.goodput()).isZero();
    }
  }

  @Test
  void aConnectionThatIsClosedFailsItsCallAndIsReplaced() throws Exception {
    answers(
        exchange -> {
          if (asked.incrementAndGet() % 5 == 0) {
            exchange.close(); // without an answer
          } else {
            answer(exchange, 200, "y");
          }
        });
    try (Generator load = generator(2, call("x"))) {
      load.answers();
      Tally tally = load.open(200, SHORT, null);
      assertThat(tally.failed()).isPositive();
      assertThat(tally.answered()).isPositive();
      assertThat(tally.failed() + tally.answered()).isEqualTo(tally.due());
    }
  }

  @Test
  void somethingElseCanBeAskedInTheMiddle() throws Exception {
    answers(exchange -> answer(exchange, 200, "y"));
    server.createContext(
        "/aside",
        exchange -> {
          asked.incrementAndGet();
          answer(exchange, 503, "no");
        });
    try (Generator load = generator(1, call("x"))) {
      load.answers();
      Aside aside = load.aside(new Call(request("/aside", "")));
      assertThat(aside.status()).isEqualTo(-1);
      Tally tally = load.open(50, SHORT, null, aside);
      assertThat(asked).hasValue(1);
      assertThat(aside.status()).isEqualTo(503);
      assertThat(aside.seconds()).isPositive();
      assertThat(tally.answered()).isEqualTo(tally.due());
    }
  }

  @Test
  void aFirstAnswerThatIsNoneIsSaidWithWhatItWas() throws Exception {
    answers(exchange -> answer(exchange, 404, "no such model"));
    try (Generator load = generator(1, call("x"))) {
      assertThatThrownBy(load::answers)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no such model");
    }
  }

  private void answers(HttpHandler handler) {
    server.createContext("/", handler);
  }

  private Generator generator(int connections, Call... calls) throws IOException {
    return new Generator(
        server.getAddress().getPort(), Transport.http(connections), List.of(calls));
  }

  private static Call call(String body) {
    return new Call(request("/", body));
  }

  private static byte[] request(String path, String body) {
    String head = "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length();
    return (head + "\r\n\r\n" + body).getBytes(UTF_8);
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.getRequestBody().readAllBytes();
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
