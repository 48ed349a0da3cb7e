package dev.nagare.server.observe;

import static dev.nagare.server.observe.SpansSeen.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import dev.nagare.server.Doors;
import dev.nagare.server.FakeControl;
import dev.nagare.server.TaughtModel;
import dev.nagare.server.stream.StreamClient;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.vertx.core.MultiMap;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Spans of requests over HTTP. Those of the other doors are tested with these. */
class TracingTest {
  private static final String REQUEST =
      "{\"id\":\"r\",\"inputs\":[{\"name\":\"window\",\"datatype\":\"FP32\",\"shape\":[1,2],"
          + "\"data\":[1,2]}]}";
  private static final String INFER = "POST /v2/models/{model}/infer";

  private final SpansSeen spans = new SpansSeen();
  private final Doors doors = Doors.followed(spans.tracing());

  @AfterEach
  void close() {
    doors.close();
    spans.close();
  }

  @Test
  void aRequestIsASpanOfItsCallersTraceWithQueueBatchAndComputeBelow() throws Exception {
    int status =
        doors
            .post("/v2/models/pulse/infer", REQUEST, "traceparent", SpansSeen.SAMPLED)
            .statusCode();
    assertThat(status).isEqualTo(200);
    await().until(() -> spans.has(INFER));

    SpanData request = spans.only(INFER);
    assertThat(request.getKind()).isEqualTo(SpanKind.SERVER);
    assertThat(request.getTraceId()).isEqualTo(SpansSeen.TRACE);
    assertThat(request.getParentSpanId()).isEqualTo(SpansSeen.CALLER);
    assertThat(request.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    assertThat(attribute(request, "http.request.method")).isEqualTo("POST");
    assertThat(attribute(request, "http.route")).isEqualTo("/v2/models/{model}/infer");
    assertThat(attribute(request, "url.path")).isEqualTo("/v2/models/pulse/infer");
    assertThat(attribute(request, "url.scheme")).isEqualTo("http");
    assertThat(attribute(request, "http.response.status_code")).isEqualTo("200");
    assertThat(attribute(request, "user_agent.original")).startsWith("Java-http-client/");
    assertThat(attribute(request, "nagare.model.name")).isEqualTo("pulse");
    assertThat(attribute(request, "nagare.model.version")).isEqualTo("7");
    assertThat(attribute(request, "nagare.request.id")).isEqualTo("r");

    SpanData batch = spans.only("batch");
    assertThat(spans.only("queue").getParentSpanId()).isEqualTo(request.getSpanId());
    assertThat(batch.getParentSpanId()).isEqualTo(request.getSpanId());
    assertThat(attribute(batch, "nagare.batch.rows")).isEqualTo("1");
    assertThat(spans.only("compute").getParentSpanId()).isEqualTo(batch.getSpanId());
    assertThat(spans.all())
        .hasSize(4)
        .allSatisfy(
            span -> {
              assertThat(span.getTraceId()).isEqualTo(SpansSeen.TRACE);
              assertThat(span.getStartEpochNanos())
                  .isBetween(request.getStartEpochNanos(), request.getEndEpochNanos());
              assertThat(span.getEndEpochNanos())
                  .isBetween(span.getStartEpochNanos(), request.getEndEpochNanos());
            });
  }

  @Test
  void aCallerWithoutATraceBeginsOneAndOneWhoseTraceIsNotKeptGetsNone() throws Exception {
    doors.post("/v2/models/pulse/infer", REQUEST, "traceparent", SpansSeen.NOT_SAMPLED);
    doors.post("/v2/models/pulse/versions/7/infer", REQUEST);
    String name = "POST /v2/models/{model}/versions/{version}/infer";
    await().until(() -> spans.has(name));
    assertThat(spans.only(name).getParentSpanContext().isValid()).isFalse();
    assertThat(spans.has(INFER)).isFalse();
  }

  @Test
  void aRefusalIsNoErrorOfTheServerUnlessItIsTheServers() throws Exception {
    doors.model.busy("full", 5);
    doors.post("/v2/models/pulse/infer", REQUEST);
    await().until(() -> spans.has(INFER));
    assertThat(spans.only(INFER).getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    assertThat(attribute(spans.only(INFER), "http.response.status_code")).isEqualTo("429");

    doors.serving.drain();
    doors.post("/v2/models/pulse/versions/7/infer", REQUEST);
    String name = "POST /v2/models/{model}/versions/{version}/infer";
    await().until(() -> spans.has(name));
    SpanData refused = spans.only(name);
    assertThat(refused.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(attribute(refused, "error.type")).isEqualTo("503");
  }

  @Test
  void aFrameThatAsksIsFollowedAsTheHandshakeSays() {
    String name = "infer /v2/stream";
    try (var client =
        new StreamClient(doors.client, doors.port(), null, "traceparent", SpansSeen.SAMPLED)) {
      client.say("{'type':'infer','id':'f','model':'pulse','request':" + REQUEST + "}");
      client.next("prediction");
      await().until(() -> spans.has(name));
    }
    SpanData frame = spans.only(name);
    assertThat(frame.getTraceId()).isEqualTo(SpansSeen.TRACE);
    assertThat(frame.getParentSpanId()).isEqualTo(SpansSeen.CALLER);
    assertThat(attribute(frame, "nagare.model.version")).isEqualTo("7");
    assertThat(spans.only("batch").getParentSpanId()).isEqualTo(frame.getSpanId());
  }

  @Test
  void callsThatTeachAreSpansOfTheirCallersTrace() throws Exception {
    doors.serving.serve(List.of(doors.model, new TaughtModel()));
    for (String verb : List.of("learn", "labels", "rollback")) {
      String name = "POST /v2/models/{model}/" + verb;
      String path = "/v2/models/up/" + verb;
      assertThat(doors.post(path, "{}", "traceparent", SpansSeen.SAMPLED).statusCode())
          .isEqualTo(200);
      await().until(() -> spans.has(name));
      SpanData call = spans.only(name);
      assertThat(call.getKind()).isEqualTo(SpanKind.SERVER);
      assertThat(call.getTraceId()).isEqualTo(SpansSeen.TRACE);
      assertThat(call.getParentSpanId()).isEqualTo(SpansSeen.CALLER);
      assertThat(attribute(call, "http.route")).isEqualTo("/v2/models/{model}/" + verb);
      assertThat(attribute(call, "url.path")).isEqualTo(path);
      assertThat(attribute(call, "http.response.status_code")).isEqualTo("200");
      assertThat(attribute(call, "nagare.model.name")).isEqualTo("up");
    }
    SpanData learned = spans.only("POST /v2/models/{model}/learn");
    assertThat(attribute(learned, "nagare.model.version")).isEqualTo("1");
    assertThat(attribute(learned, "nagare.request.id")).isEqualTo("e-3");
  }

  @Test
  void aCallThatTeachesAndIsRefusedSaysSo() throws Exception {
    String learn = "POST /v2/models/{model}/learn";
    doors.post("/v2/models/pulse/learn", "{}");
    await().until(() -> spans.has(learn));
    assertThat(attribute(spans.only(learn), "http.response.status_code")).isEqualTo("501");
    doors.serving.drain();
    String labels = "POST /v2/models/{model}/labels";
    doors.post("/v2/models/pulse/labels", "{}");
    await().until(() -> spans.has(labels));
    assertThat(spans.only(labels).getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(attribute(spans.only(labels), "error.type")).isEqualTo("503");
  }

  @Test
  void loadsAndUnloadsAreSpans() throws Exception {
    doors.serving.control(new FakeControl());
    doors.post("/v2/repository/models/pulse/load", "", "traceparent", SpansSeen.SAMPLED);
    doors.post("/v2/repository/here/models/pulse/unload", "");
    String load = "POST /v2/repository/models/{model}/load";
    String unload = "POST /v2/repository/{repository}/models/{model}/unload";
    await().until(() -> spans.has(load) && spans.has(unload));
    assertThat(spans.only(load).getParentSpanId()).isEqualTo(SpansSeen.CALLER);
    assertThat(attribute(spans.only(load), "nagare.model.name")).isEqualTo("pulse");
    assertThat(attribute(spans.only(load), "http.response.status_code")).isEqualTo("200");
    assertThat(attribute(spans.only(unload), "http.response.status_code")).isEqualTo("200");

    String other = "POST /v2/repository/models/{model}/unload";
    doors.post("/v2/repository/models/none/unload", "");
    await().until(() -> spans.has(other));
    assertThat(attribute(spans.only(other), "http.response.status_code")).isEqualTo("404");
  }

  @Test
  void framesThatTeachAreFollowedAsTheHandshakeSays() {
    doors.serving.serve(List.of(doors.model, new TaughtModel()));
    try (var client =
        new StreamClient(doors.client, doors.port(), null, "traceparent", SpansSeen.SAMPLED)) {
      client.say("{'type':'learn','model':'up','request':{}}");
      client.next("learned");
      client.say("{'type':'label','model':'up','request':{}}");
      client.next("labelled");
      await().until(() -> spans.has("learn /v2/stream") && spans.has("label /v2/stream"));
    }
    SpanData frame = spans.only("learn /v2/stream");
    assertThat(frame.getTraceId()).isEqualTo(SpansSeen.TRACE);
    assertThat(attribute(frame, "nagare.model.name")).isEqualTo("up");
    assertThat(attribute(frame, "nagare.model.version")).isEqualTo("1");
  }

  @Test
  void switchedOffItMakesNothing() {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    Tracing off = Tracing.off();
    var log = new RequestLog(0);
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 20; round++) { // the first ones load classes
      long before = threads.getCurrentThreadAllocatedBytes();
      boolean nothing = true;
      for (int i = 0; i < 1000; i++) {
        nothing &=
            off.socket(headers, "infer", "/v2/stream", "pulse", i) == null
                && off.grpc(headers, "s", "m", "pulse", i, status -> status) == null
                && !off.follows()
                && !log.writes(200);
      }
      assertThat(nothing).isTrue();
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(least).isLessThan(1000);
  }
}
