package dev.nagare.server.grpc;

import static dev.nagare.server.observe.SpansSeen.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.observe.SpansSeen;
import dev.nagare.streaming.protocol.wire.ModelInferResponse;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GrpcTracingTest {
  private static final String INFER = GrpcDoor.INFERENCE + "/ModelInfer";

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
    assertThat(attribute(call, "rpc.service")).isEqualTo(GrpcDoor.INFERENCE);
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
  void aModelThatIsNotThereIsNoErrorOfTheServer() {
    assertThatThrownBy(
            () -> doors.infer(GrpcDoors.request().toBuilder().setModelName("none").build()))
        .isInstanceOf(StatusRuntimeException.class);
    await().until(() -> spans.has(INFER));
    assertThat(attribute(spans.only(INFER), "rpc.grpc.status_code")).isEqualTo("5");
    assertThat(spans.only(INFER).getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
  }
}
