package dev.nagare.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.nagare.streaming.protocol.wire.InferTensorContents;
import dev.nagare.streaming.protocol.wire.ModelInferRequest;
import dev.nagare.streaming.protocol.wire.ModelInferRequest.InferInputTensor;
import dev.nagare.streaming.protocol.wire.ModelInferResponse;
import io.grpc.Status;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Single predictions: what is taken, what is answered, and what is refused. */
class GrpcInferTest {
  private final GrpcDoors doors = GrpcDoors.open();

  @AfterEach
  void close() {
    doors.close();
    assertThat(doors.pool.usedBytes()).isZero();
  }

  @Test
  void answersWithRawContentsToRawOnes() {
    assertForecast(doors.infer(GrpcDoors.request()));
  }

  @Test
  void answersWithRawContentsToTypedOnesToo() {
    ModelInferRequest typed =
        GrpcDoors.request().toBuilder()
            .clearRawInputContents()
            .setInputs(
                0,
                InferInputTensor.newBuilder()
                    .setName("window")
                    .setDatatype("FP32")
                    .addShape(2)
                    .setContents(
                        InferTensorContents.newBuilder().addFp32Contents(1).addFp32Contents(2)))
            .build();
    assertForecast(doors.infer(typed));
  }

  private static void assertForecast(ModelInferResponse answer) {
    assertThat(answer.getModelName()).isEqualTo("pulse");
    assertThat(answer.getModelVersion()).isEqualTo("7");
    assertThat(answer.getId()).isEqualTo("a1");
    assertThat(answer.getParametersOrThrow("lineage_offset").getInt64Param()).isEqualTo(40);
    assertThat(answer.getOutputs(0).getName()).isEqualTo("forecast");
    assertThat(answer.getOutputs(0).hasContents()).isFalse();
    assertThat(answer.getRawOutputContentsList())
        .containsExactly(
            ByteString.copyFrom(
                new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40}));
  }

  @ParameterizedTest
  @CsvSource({
    "pluse, '', model 'pluse' is not served here; served: pulse",
    "pulse, 6, asked for '6'",
    "'', '', 'model name: expected 1 to 64 of a-z, 0-9'",
    "../pulse, '', not beginning with"
  })
  void answersNotFoundInASentence(String model, String version, String sentence) {
    ModelInferRequest request =
        GrpcDoors.request().toBuilder().setModelName(model).setModelVersion(version).build();
    StockClient.assertRefused(() -> doors.infer(request), Status.Code.NOT_FOUND, sentence);
    assertThat(doors.model.inferred()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "400, INVALID_ARGUMENT",
    "404, NOT_FOUND",
    "413, RESOURCE_EXHAUSTED",
    "429, RESOURCE_EXHAUSTED",
    "499, CANCELLED",
    "500, INTERNAL",
    "501, UNIMPLEMENTED",
    "503, UNAVAILABLE",
    "504, DEADLINE_EXCEEDED"
  })
  void passesRefusalsOnInGrpcsWords(int status, Status.Code code) {
    doors.model.refuse(status, "50 % of “ü”\nwait");
    StockClient.assertRefused(() -> doors.infer(GrpcDoors.request()), code, "50 % of “ü”\nwait");
    String counted =
        "nagare_requests_total{code=\"" + status + "\",door=\"grpc\",model=\"pulse\"} 1.0";
    await().untilAsserted(() -> assertThat(doors.metricsPage()).contains(counted));
  }

  @Test
  void cutsSentencesThatClientsWouldNotTake() {
    doors.model.refuse(400, "ü".repeat(100_000));
    StockClient.assertRefused(
        () -> doors.infer(GrpcDoors.request()), Status.Code.INVALID_ARGUMENT, "üüüü");
  }

  @Test
  void refusesMixedContents() {
    ModelInferRequest.Builder mixed = GrpcDoors.request().toBuilder();
    mixed.getInputsBuilder(0).setContents(InferTensorContents.newBuilder().addFp32Contents(1));
    StockClient.assertRefused(
        () -> doors.infer(mixed.build()),
        Status.Code.INVALID_ARGUMENT,
        "input window: expected either contents or raw_input_contents, got both");
  }

  @Test
  void refusesWhatIsNoMessage() throws Exception {
    var answer = doors.raw.send("ModelInfer", RawClient.frame(0, new byte[] {(byte) 0xff, 1}));
    assertThat(answer.status()).isEqualTo("3");
    assertThat(answer.message()).contains("not%20a%20ModelInferRequest");
  }

  @Test
  void refusesCallsWithoutAMessageAndWithTwo() throws Exception {
    Buffer one = RawClient.frame(0, GrpcDoors.request().toByteArray());
    var none = doors.raw.send("ModelInfer", Buffer.buffer());
    var two = doors.raw.send("ModelInfer", one.copy().appendBuffer(one));
    var part = doors.raw.send("ModelInfer", one.getBuffer(0, one.length() - 1));
    assertThat(none.status()).isEqualTo("3");
    assertThat(none.message()).contains("got%20none");
    assertThat(two.status()).isEqualTo("3");
    assertThat(two.message()).contains("got%20more");
    assertThat(part.status()).isEqualTo("3");
    assertThat(doors.model.inferred()).isZero();
  }

  @Test
  void refusesMessagesOverTheLimitAndGoesOn() {
    ModelInferRequest large =
        GrpcDoors.request().toBuilder()
            .setRawInputContents(0, ByteString.copyFrom(new byte[100_000]))
            .build();
    StockClient.assertRefused(
        () -> doors.infer(large),
        Status.Code.RESOURCE_EXHAUSTED,
        "expected a message of at most 4096 bytes (server.max-body-bytes), got 100");
    assertForecast(doors.infer(GrpcDoors.request()));
  }

  @Test
  void countsWhatItAnswered() {
    doors.infer(GrpcDoors.request());
    await()
        .untilAsserted(
            () ->
                assertThat(doors.metricsPage())
                    .contains(
                        "nagare_requests_total{code=\"200\",door=\"grpc\",model=\"pulse\"} 1.0",
                        "nagare_request_duration_seconds_count{door=\"grpc\",model=\"pulse\"} 1"));
  }
}
