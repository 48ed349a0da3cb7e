package dev.nagare.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.wire.InferParameter;
import dev.nagare.streaming.protocol.wire.ModelInferRequest;
import dev.nagare.streaming.protocol.wire.ModelInferResponse;
import dev.nagare.streaming.protocol.wire.ModelStreamInferResponse;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.vertx.core.buffer.Buffer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcDeadlineTest {
  private static final Buffer FRAME = RawClient.frame(0, GrpcDoors.request().toByteArray());

  private final GrpcDoors doors = GrpcDoors.open();

  @AfterEach
  void close() {
    doors.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"20m", "20000u", "1n", "0S"})
  void givesUpByItselfWhenTheDeadlineHasPassed(String timeout) throws Exception {
    CompletableFuture<Void> gate = doors.model.hold();
    assertThat(doors.raw.send("ModelInfer", FRAME, "grpc-timeout", timeout).status())
        .isEqualTo("4");
    Terms terms = doors.model.asked();
    assertThat(terms == null || terms.left()).isTrue();
    gate.complete(null);
    assertThat(doors.serving.drain().toCompletableFuture().get(20, TimeUnit.SECONDS)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "m", "-1m", "123456789m", "1 S", "1.5S", "1d"})
  void refusesTimeoutsThatAreNone(String timeout) throws Exception {
    var answer = doors.raw.send("ModelInfer", FRAME, "grpc-timeout", timeout);
    assertThat(answer.status()).isEqualTo("3");
    assertThat(answer.message()).contains("grpc-timeout");
  }

  @ParameterizedTest
  @ValueSource(strings = {"20S", "99999999H", "99999999M"})
  void answersInTime(String timeout) throws Exception {
    assertThat(doors.raw.send("ModelInfer", FRAME, "grpc-timeout", timeout).status())
        .isEqualTo("0");
  }

  @Test
  void handsOnUntilWhenItsCallerWaits() throws Exception {
    assertThat(doors.raw.send("ModelInfer", FRAME).status()).isEqualTo("0");
    assertThat(asked().limited()).isFalse();
    assertThat(asked().priority()).isEqualTo(Terms.Priority.INTERACTIVE);

    long before = System.nanoTime();
    doors.raw.send("ModelInfer", FRAME, "grpc-timeout", "20S");
    assertThat(asked().limited()).isTrue();
    assertThat(asked().deadlineNanos() - before).isGreaterThanOrEqualTo(20_000_000_000L);
    assertThat(asked().deadlineNanos() - System.nanoTime()).isLessThanOrEqualTo(20_000_000_000L);
  }

  @Test
  void handsOnWhatTheParametersSay() throws Exception {
    doors.infer(with("timeout", 5_000_000, "priority", 2));
    assertThat(asked().urgency()).isEqualTo(2);
    assertThat(asked().limited()).isTrue();
    assertThat(asked().deadlineNanos() - System.nanoTime()).isLessThanOrEqualTo(5_000_000_000L);

    // The sooner of the two counts.
    Buffer late = RawClient.frame(0, with("timeout", 60_000_000, "priority", 0).toByteArray());
    doors.raw.send("ModelInfer", late, "grpc-timeout", "5S");
    assertThat(asked().deadlineNanos() - System.nanoTime()).isLessThanOrEqualTo(5_000_000_000L);
    assertThat(asked().urgency()).isZero();

    // All 64 bits: for ever, after everybody.
    doors.raw.send(
        "ModelInfer", RawClient.frame(0, with("timeout", -1, "priority", -1).toByteArray()));
    assertThat(asked().limited()).isFalse();
    assertThat(asked().urgency()).isEqualTo(Integer.MAX_VALUE);

    ModelInferRequest wrong =
        GrpcDoors.request().toBuilder()
            .putParameters("timeout", InferParameter.newBuilder().setStringParam("soon").build())
            .build();
    StockClient.assertRefused(
        () -> doors.infer(wrong),
        Status.Code.INVALID_ARGUMENT,
        "parameter timeout: expected a whole number from 0 up");
  }

  @Test
  void readsWhatIsReservedAsOverHttp() {
    ModelInferRequest sequence =
        GrpcDoors.request().toBuilder()
            .putParameters("sequence_id", InferParameter.newBuilder().setInt64Param(7).build())
            .build();
    StockClient.assertRefused(
        () -> doors.infer(sequence),
        Status.Code.UNIMPLEMENTED,
        "parameter sequence_id: no model here keeps state between requests");
    ModelInferRequest none =
        GrpcDoors.request().toBuilder()
            .putParameters("sequence_id", InferParameter.newBuilder().setInt64Param(0).build())
            .putParameters("sequence_start", InferParameter.newBuilder().setBoolParam(true).build())
            .build();
    assertThat(doors.infer(none).getId()).isEqualTo("a1");
    assertThat(doors.pool.usedBytes()).isZero();
  }

  @Test
  void saysWhenToTryAgain() throws Exception {
    doors.model.busy("full", 1500);
    var answer = doors.raw.send("ModelInfer", FRAME);
    assertThat(answer.status()).isEqualTo("8");
    assertThat(answer.pushback()).isEqualTo("1500");
  }

  private static ModelInferRequest with(String first, long a, String second, long b) {
    return GrpcDoors.request().toBuilder()
        .putParameters(first, InferParameter.newBuilder().setUint64Param(a).build())
        .putParameters(second, InferParameter.newBuilder().setUint64Param(b).build())
        .build();
  }

  private Terms asked() {
    return Objects.requireNonNull(doors.model.asked());
  }

  @Test
  void tellsAStockClientThatItWasTooSlow() {
    CompletableFuture<Void> gate = doors.model.hold();
    StockClient.assertRefused(
        () ->
            doors.client.call(
                ServiceNames.INFERENCE + "/ModelInfer",
                GrpcDoors.request(),
                ModelInferResponse.getDefaultInstance(),
                CallOptions.DEFAULT.withDeadlineAfter(100, TimeUnit.MILLISECONDS)),
        Status.Code.DEADLINE_EXCEEDED,
        "");
    gate.complete(null);
  }

  @Test
  void endsAStreamAtItsDeadline() throws Exception {
    CompletableFuture<Void> gate = doors.model.hold();
    assertThat(doors.raw.send("ModelStreamInfer", FRAME, "grpc-timeout", "20m").status())
        .isEqualTo("4");
    assertThat(asked().left()).isTrue();
    gate.complete(null);
  }

  @Test
  void countsWhoLeftAndAnswersTheOthers() throws Exception {
    CompletableFuture<Void> gate = doors.model.hold();
    StockClient.Conversation<ModelStreamInferResponse> leaving =
        doors.client.converse(
            ServiceNames.INFERENCE + "/ModelStreamInfer",
            GrpcDoors.request(),
            ModelStreamInferResponse.getDefaultInstance(),
            CallOptions.DEFAULT);
    leaving.send(GrpcDoors.request());
    await().until(() -> doors.model.inferred() == 1);
    Terms terms = asked();
    leaving.cancel();
    // On the same connection, so the cancellation has been read once this is answered.
    StockClient.assertRefused(
        () -> doors.infer(GrpcDoors.request().toBuilder().setModelName("other").build()),
        Status.Code.NOT_FOUND,
        "other");
    assertThat(terms.left()).isTrue();
    gate.complete(null);
    await()
        .untilAsserted(
            () ->
                assertThat(doors.metricsPage())
                    .contains(
                        "nagare_requests_total{code=\"499\",door=\"grpc\",model=\"pulse\"} 1.0"));
    assertThat(doors.infer(GrpcDoors.request()).getId()).isEqualTo("a1");
  }
}
