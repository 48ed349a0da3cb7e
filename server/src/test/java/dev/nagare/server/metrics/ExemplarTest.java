package dev.nagare.server.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import dev.nagare.server.Doors;
import dev.nagare.server.admission.Serving;
import dev.nagare.server.observe.SpansSeen;
import dev.nagare.server.stream.StreamClient;
import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ExemplarTest {
  private static final String OPEN_METRICS =
      "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
  private static final String REQUEST =
      "{\"inputs\":[{\"name\":\"window\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[1,2]}]}";
  private static final String OTHER = "0af7651916cd43dd8448eb211c80319c";

  private final SpansSeen spans = new SpansSeen();
  private final Doors doors = Doors.followed(spans.tracing());

  @AfterEach
  void close() {
    doors.close();
    spans.close();
  }

  private void ask(String... headers) throws Exception {
    assertThat(doors.post("/v2/models/pulse/infer", REQUEST, headers).statusCode()).isEqualTo(200);
  }

  /** What is scraped once so many requests were counted. */
  private String scraped(String door, int requests, String... headers) {
    String count =
        "nagare_request_duration_seconds_count{door=\"%s\",model=\"pulse\"} %d"
            .formatted(door, requests);
    await().untilAsserted(() -> assertThat(doors.get("/metrics", headers).body()).contains(count));
    try {
      return doors.get("/metrics", headers).body();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theBucketOfATracedRequestHasTheTraceOfItsCaller() throws Exception {
    ask("traceparent", SpansSeen.SAMPLED);
    List<String> exemplars =
        scraped("http", 1, "Accept", OPEN_METRICS).lines().filter(l -> l.contains("# {")).toList();
    assertThat(exemplars).hasSize(1);
    assertThat(exemplars.getFirst())
        .matches(
            "nagare_request_duration_seconds_bucket\\{door=\"http\",model=\"pulse\",le=\"[^\"]+\"} 1"
                + " # \\{trace_id=\""
                + SpansSeen.TRACE
                + "\"} [0-9.E-]+ [0-9.]+");
  }

  @Test
  void aFrameOfAWebSocketHasOneToo() {
    try (var client =
        new StreamClient(doors.client, doors.port(), null, "traceparent", SpansSeen.SAMPLED)) {
      client.say("{'type':'infer','id':'f','model':'pulse','request':" + REQUEST + "}");
      client.next("prediction");
      assertThat(scraped("websocket", 1, "Accept", OPEN_METRICS))
          .contains("# {trace_id=\"" + SpansSeen.TRACE + "\"}");
    }
  }

  @Test
  void aRequestWhoseTraceIsNotKeptHasNone() throws Exception {
    ask("traceparent", SpansSeen.NOT_SAMPLED);
    assertThat(scraped("http", 1, "Accept", OPEN_METRICS)).doesNotContain("trace_id");
  }

  @Test
  void textHasNoneAndIsWhatWhoeverDoesNotSayGets() throws Exception {
    ask("traceparent", SpansSeen.SAMPLED);
    assertThat(scraped("http", 1)).doesNotContain("trace_id", "# EOF");
    for (String accepted :
        List.of(
            "*/*",
            "text/html,*/*;q=0.8",
            "text/plain;version=0.0.4",
            "text/plain, application/openmetrics-text;q=0.5",
            "application/openmetrics-text;q=0",
            "nonsense",
            ";q=x,/,",
            "text/plain;q=x")) {
      HttpResponse<String> page = doors.get("/metrics", "Accept", accepted);
      assertThat(page.headers().firstValue("Content-Type"))
          .as(accepted)
          .hasValue("text/plain; version=0.0.4; charset=utf-8");
      assertThat(page.body()).doesNotContain("trace_id", "# EOF");
    }
    HttpResponse<String> page = doors.get("/metrics", "Accept", OPEN_METRICS);
    assertThat(page.headers().firstValue("Content-Type"))
        .hasValue("application/openmetrics-text; version=1.0.0; charset=utf-8");
    assertThat(page.body()).endsWith("# EOF\n");
  }

  private static List<String> exemplars(Metrics metrics) {
    return new String(metrics.page(Exposition.OPEN_METRICS), UTF_8)
        .lines()
        .filter(line -> line.contains("trace_id"))
        .toList();
  }

  @Test
  void eachBucketHasTheLastOfItsOwn() {
    var metrics = new Metrics(List.of("pulse"), new Serving(), "test", false);
    metrics.answered("pulse", "http", 200, 40_000, SpansSeen.TRACE);
    metrics.answered("pulse", "http", 200, 7_000_000_000L, OTHER); // beyond all
    metrics.answered("pulse", "http", 200, 60_000_000, SpansSeen.TRACE);
    metrics.answered("pulse", "http", 429, 70_000_000, OTHER);
    metrics.answered("pulse", "http", 200, 80_000_000, null);
    assertThat(exemplars(metrics))
        .hasSize(3)
        .anySatisfy(
            line -> assertThat(line).contains("le=\"5.0E-5\"} 1 # {trace_id=\"" + SpansSeen.TRACE))
        .anySatisfy(line -> assertThat(line).contains("le=\"0.1\"} 4 # {trace_id=\"" + OTHER))
        .anySatisfy(line -> assertThat(line).contains("le=\"+Inf\"} 5 # {trace_id=\"" + OTHER));
  }

  @Test
  void requestsWithoutATraceMakeNoExemplar() {
    var metrics = new Metrics(List.of("pulse"), new Serving(), "test", false);
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < 20_000; i++) {
      metrics.answered("pulse", "http", 200, i, null);
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 10_000; i++) {
      metrics.answered("pulse", "http", 200, i, null);
    }
    long each = (threads.getCurrentThreadAllocatedBytes() - before) / 10_000;
    assertThat(each).isLessThan(64); // counters and buckets of the library; an exemplar is more
  }
}
