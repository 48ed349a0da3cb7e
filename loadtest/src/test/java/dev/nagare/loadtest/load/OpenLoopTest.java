package dev.nagare.loadtest.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OpenLoopTest {
  private static final String METADATA =
      """
      {"name": "pulse", "inputs": [{"name": "window", "datatype": "FP32", "shape": [-1, 32, 3]}]}
      """;

  private final AtomicInteger asked = new AtomicInteger();
  private final List<byte[]> bodies = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;
  private URI address;

  @BeforeEach
  void start() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    server = HttpServer.create(new InetSocketAddress(loopback, 0), 0);
    server.setExecutor(threads);
    server.createContext("/v2/models/pulse", exchange -> answer(exchange, 200, METADATA));
    address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void everyRequestIsSentOnceAndCounted() throws Exception {
    server.createContext(
        "/v2/models/pulse/infer",
        exchange -> {
          bodies.add(exchange.getRequestBody().readAllBytes());
          answer(exchange, asked.incrementAndGet() % 4 == 0 ? 429 : 200, "{}");
        });
    LoadReport report = run(new LoadPlan(400, Duration.ofMillis(500), 4, Duration.ofSeconds(10)));
    assertThat(asked).hasValue(200);
    assertThat(report.requests()).isEqualTo(200);
    assertThat(report.answered()).isEqualTo(200);
    assertThat(report.outcomes()).containsOnly(Map.entry("200", 150L), Map.entry("429", 50L));
    assertThat(report.clean()).isFalse();
    assertThat(report.latencyMillis()).containsOnlyKeys("p50", "p90", "p99", "p99.9", "max");
    assertThat(report.table()).contains("p99.9").contains("429");
  }

  @Test
  void theWarmUpIsSentOverTheSameConnectionsAndNotCounted() throws Exception {
    server.createContext(
        "/v2/models/pulse/infer",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          answer(exchange, asked.incrementAndGet() <= 40 ? 503 : 200, "{}");
        });
    LoadReport report =
        run(
            new LoadPlan(
                200, Duration.ofMillis(200), Duration.ofMillis(300), 1, Duration.ofSeconds(10)));
    assertThat(asked).hasValue(100);
    assertThat(report.requests()).isEqualTo(60);
    assertThat(report.outcomes()).containsOnly(Map.entry("200", 60L));
  }

  @Test
  void aRequestFitsTheModelsInputs() throws Exception {
    server.createContext(
        "/v2/models/pulse/infer",
        exchange -> {
          bodies.add(exchange.getRequestBody().readAllBytes());
          answer(exchange, 200, "{}");
        });
    LoadReport report = run(new LoadPlan(50, Duration.ofMillis(100), 2, Duration.ofSeconds(10)));
    assertThat(report.clean()).isTrue();
    JsonNode input = new ObjectMapper().readTree(bodies.getFirst()).path("inputs").path(0);
    assertThat(input.path("name").asText()).isEqualTo("window");
    assertThat(input.path("datatype").asText()).isEqualTo("FP32");
    assertThat(input.path("shape").toString()).isEqualTo("[2,32,3]");
    assertThat(input.path("data").size()).isEqualTo(2 * 32 * 3);
  }

  /**
   * The server stalls once, until half of the run is due. A tool that counted from the moment of
   * sending would show one slow request; the requests that were due meanwhile are slow too.
   */
  @Test
  void aStallCountsForEveryRequestThatWasDueInIt() throws Exception {
    var plan = new LoadPlan(200, Duration.ofSeconds(1), 1, Duration.ofSeconds(30));
    var stalled = new CountDownLatch(1);
    server.createContext(
        "/v2/models/pulse/infer",
        exchange -> {
          if (asked.incrementAndGet() == 1) {
            await(stalled);
          }
          answer(exchange, 200, "{}");
        });
    Target target = Target.of(address, "pulse", 1, plan.timeout());
    long start = System.nanoTime();
    threads.execute(
        () -> {
          // The wait is part of the input: it ends at a due time of the plan, and is not asserted.
          long left = plan.dueNanos(100) - (System.nanoTime() - start);
          java.util.concurrent.locks.LockSupport.parkNanos(Math.max(0, left));
          stalled.countDown();
        });
    LoadReport report = new OpenLoop(plan, target::request).run(taken -> {});
    assertThat(report.outcomes()).containsOnly(Map.entry("200", 200L));
    Map<String, Double> millis = report.latencyMillis();
    // Half of the requests were due in the stall and waited for its rest: a tenth of all for four
    // fifths of it. Had only the first one counted, p90 would be a thousandth of the maximum.
    assertThat(millis.getOrDefault("p90", 0.0))
        .isGreaterThan(millis.getOrDefault("max", Double.NaN) / 4);
  }

  @Test
  void whatNobodyAnswersIsReportedAndTheRunEnds() throws Exception {
    var never = new CountDownLatch(1);
    server.createContext("/v2/models/pulse/infer", exchange -> await(never));
    LoadReport report = run(new LoadPlan(100, Duration.ofMillis(100), 2, Duration.ofMillis(300)));
    assertThat(report.answered()).isZero();
    assertThat(report.outcomes().keySet()).isSubsetOf("timeout", "connection", "not sent");
    assertThat(report.outcomes().values().stream().mapToLong(Long::longValue).sum()).isEqualTo(10);
    never.countDown();
  }

  @Test
  void anotherMachineIsRefused() {
    assertThatThrownBy(
            () -> Target.of(URI.create("http://192.0.2.1:8000"), "pulse", 1, Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected an address of this machine");
  }

  @Test
  void nothingListeningIsOneLineWithTheRemedy() {
    server.stop(0);
    assertThatThrownBy(() -> Target.of(address, "pulse", 1, Duration.ofSeconds(5)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("./nagare demo");
  }

  private LoadReport run(LoadPlan plan) throws Exception {
    Target target = Target.of(address, "pulse", 2, plan.timeout());
    return new OpenLoop(plan, target::request).run(taken -> {});
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getRequestBody().readAllBytes();
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
