package dev.nagare.server.grpc;

import static dev.nagare.server.observe.SpansSeen.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.FakeControl;
import dev.nagare.server.TaughtModel;
import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.server.observe.SpansSeen;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.wire.ModelInferResponse;
import dev.nagare.streaming.protocol.wire.RepositoryModelLoadRequest;
import dev.nagare.streaming.protocol.wire.RepositoryModelLoadResponse;
import dev.nagare.streaming.protocol.wire.RollbackRequest;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.vertx.core.http.HttpClientRequest;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrpcTracingTest {
  private static final String INFER = ServiceNames.INFERENCE + "/ModelInfer";

  private final SpansSeen spans = new SpansSeen();
  private final GrpcDoors doors = GrpcDoors.followed(spans.tracing());

  @AfterEach
  void close() {
    doors.close();
    spans.close();
  }

  @Test
  void aCallIsASpanOfTheTraceInItsMetadata() {
    var metadata = new Metadata();
    metadata.put(
        Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER), SpansSeen.SAMPLED);
    var channel =
        ClientInterceptors.intercept(
            doors.client.channel, MetadataUtils.newAttachHeadersInterceptor(metadata));
    ModelInferResponse answer =
        StockClient.call(
            channel, INFER, GrpcDoors.request(), ModelInferResponse.getDefaultInstance());
    assertThat(answer.getId()).isEqualTo("a1");
    await().until(() -> spans.has(INFER));

    SpanData call = spans.only(INFER);
    assertThat(call.getKind()).isEqualTo(SpanKind.SERVER);
    assertThat(call.getTraceId()).isEqualTo(SpansSeen.TRACE);
    assertThat(call.getParentSpanId()).isEqualTo(SpansSeen.CALLER);
    assertThat(attribute(call, "rpc.system")).isEqualTo("grpc");
    assertThat(attribute(call, "rpc.service")).isEqualTo(ServiceNames.INFERENCE);
    assertThat(attribute(call, "rpc.method")).isEqualTo("ModelInfer");
    assertThat(attribute(call, "rpc.grpc.status_code")).isEqualTo("0");
    assertThat(attribute(call, "nagare.model.name")).isEqualTo("pulse");
    assertThat(attribute(call, "nagare.model.version")).isEqualTo("7");
    assertThat(spans.only("compute").getTraceId()).isEqualTo(SpansSeen.TRACE);
  }

  @Test
  void aRefusedCallHasTheStatusThatItsCallerGot() {
    doors.serving.drain();
    assertThatThrownBy(() -> doors.infer(GrpcDoors.request()))
        .isInstanceOf(StatusRuntimeException.class);
    assertThat(spans.all()).as("refused before anything was read").isEmpty();
  }

  @Test
  void callsThatTeachAndLoadAreSpansOfTheirCallersTrace() {
    doors.serving.serve(List.of(doors.model, new TaughtModel()));
    doors.serving.control(new FakeControl());
    var pupil = new Pupil(doors.client, "up");
    pupil.learn(pupil.event("e-3", 1, 1, 2));
    pupil.label("up.predictions-0-0", 1);
    pupil.rollBack("5");
    load("pulse");
    for (String method :
        List.of(
            ServiceNames.LEARNING + "/Learn",
            ServiceNames.LEARNING + "/Labels",
            ServiceNames.LEARNING + "/Rollback",
            ServiceNames.INFERENCE + "/RepositoryModelLoad")) {
      await().until(() -> spans.has(method));
      SpanData call = spans.only(method);
      assertThat(call.getKind()).isEqualTo(SpanKind.SERVER);
      assertThat(attribute(call, "rpc.service") + "/" + attribute(call, "rpc.method"))
          .isEqualTo(method);
      assertThat(attribute(call, "rpc.grpc.status_code")).isEqualTo("0");
      assertThat(attribute(call, "nagare.model.name"))
          .isEqualTo(method.endsWith("Load") ? "pulse" : "up");
    }
    SpanData learned = spans.only(ServiceNames.LEARNING + "/Learn");
    assertThat(attribute(learned, "nagare.model.version")).isEqualTo("1");
    assertThat(attribute(learned, "nagare.request.id")).isEqualTo("e-3");
  }

  @Test
  void aLoadThatIsRefusedHasTheStatusThatItsCallerGot() {
    doors.serving.control(new FakeControl());
    assertThatThrownBy(() -> load("none")).isInstanceOf(StatusRuntimeException.class);
    String name = ServiceNames.INFERENCE + "/RepositoryModelLoad";
    await().until(() -> spans.has(name));
    assertThat(attribute(spans.only(name), "rpc.grpc.status_code")).isEqualTo("5");
  }

  @ParameterizedTest
  @CsvSource({
    "ModelInfer, false",
    "ModelInfer, true",
    "ModelStreamInfer, false",
    "ModelStreamInfer, true"
  })
  void aCallThatItsDeadlineEndedHasTheStatusThatItsCallerGot(String method, boolean answered)
      throws Exception {
    CompletableFuture<Void> gate = doors.model.hold();
    var answer =
        doors.raw.send(
            method, RawClient.frame(0, GrpcDoors.request().toByteArray()), "grpc-timeout", "20m");
    assertThat(answer.status()).isEqualTo("4");
    if (answered) {
      gate.complete(null);
    } else { // as a queue ends the wait of a caller who has left
      gate.completeExceptionally(new ProtocolException(499, "the caller left"));
    }
    assertOutOfTime(ServiceNames.INFERENCE + "/" + method);
    assertThat(doors.metricsPage())
        .contains("nagare_requests_total{code=\"504\",door=\"grpc\",model=\"pulse\"} 1.0");
  }

  @Test
  void aCallThatTeachesAndItsDeadlineEndedHasTheStatusThatItsCallerGot() throws Exception {
    var up = new TaughtModel();
    doors.serving.serve(List.of(up));
    CompletableFuture<Void> gate = up.hold();
    byte[] body =
        RollbackRequest.newBuilder().setModelName("up").setVersion("5").build().toByteArray();
    String path = ServiceNames.LEARNING + "/Rollback";
    var answer = doors.raw.sendTo("/" + path, RawClient.frame(0, body), "grpc-timeout", "20m");
    assertThat(answer.status()).isEqualTo("4");
    gate.complete(null);
    assertOutOfTime(path);
  }

  @Test
  void aClientThatEndsTheCallByItsOwnClockHasRunOutOfTime() {
    CompletableFuture<Void> gate = doors.model.hold();
    HttpClientRequest call = asked("9m");
    Terms terms = Objects.requireNonNull(doors.model.asked());
    while (terms.deadlineNanos() - System.nanoTime() > 3_000_000) {
      Thread.onSpinWait(); // until it is near
    }
    var _ = call.reset(8);
    await().until(terms::left); // or the answer would be there before the end of the call
    gate.complete(null);
    await().until(() -> spans.has(INFER));
    assertThat(attribute(spans.only(INFER), "rpc.grpc.status_code")).isEqualTo("4");
  }

  @Test
  void aCallerWhoLeavesACallOfAFewMillisecondsAtOnceHasNotRunOutOfTime() {
    String left = "nagare_requests_total{code=\"499\",door=\"grpc\",model=\"pulse\"}";
    await()
        .until(
            () -> { // again if we were too slow to read that in time
              CompletableFuture<Void> gate = doors.model.hold();
              var _ = asked("9m").reset(8);
              Terms terms = Objects.requireNonNull(doors.model.asked());
              await().until(terms::left);
              gate.complete(null);
              return doors.metricsPage().contains(left);
            });
  }

  /** A call that waits for an answer, unless its time was over before it was read. */
  private HttpClientRequest asked(String timeout) {
    while (true) {
      int before = doors.model.inferred();
      HttpClientRequest call = doors.raw.open("ModelInfer", "grpc-timeout", timeout);
      var _ = call.end(RawClient.frame(0, GrpcDoors.request().toByteArray()));
      while (doors.model.inferred() == before && !call.response().isComplete()) {
        Thread.onSpinWait();
      }
      if (doors.model.inferred() > before) {
        return call;
      }
    }
  }

  private void assertOutOfTime(String method) {
    await().until(() -> spans.has(method));
    SpanData call = spans.only(method);
    assertThat(attribute(call, "rpc.grpc.status_code")).isEqualTo("4");
    assertThat(call.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
  }

  private void load(String model) {
    doors.client.infer(
        "RepositoryModelLoad",
        RepositoryModelLoadRequest.newBuilder().setModelName(model).build(),
        RepositoryModelLoadResponse.getDefaultInstance());
  }

  @Test
  void aModelThatIsNotThereIsNoErrorOfTheServer() {
    assertThatThrownBy(
            () -> doors.infer(GrpcDoors.request().toBuilder().setModelName("none").build()))
        .isInstanceOf(StatusRuntimeException.class);
    await().until(() -> spans.has(INFER));
    assertThat(attribute(spans.only(INFER), "rpc.grpc.status_code")).isEqualTo("5");
    assertThat(spans.only(INFER).getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
  }
}
