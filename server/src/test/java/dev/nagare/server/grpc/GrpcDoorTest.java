package dev.nagare.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.nagare.streaming.protocol.wire.DataType;
import dev.nagare.streaming.protocol.wire.InferTensorContents;
import dev.nagare.streaming.protocol.wire.ModelConfig;
import dev.nagare.streaming.protocol.wire.ModelConfigRequest;
import dev.nagare.streaming.protocol.wire.ModelConfigResponse;
import dev.nagare.streaming.protocol.wire.ModelInferRequest;
import dev.nagare.streaming.protocol.wire.ModelInferRequest.InferInputTensor;
import dev.nagare.streaming.protocol.wire.ModelInferResponse;
import dev.nagare.streaming.protocol.wire.ModelMetadataRequest;
import dev.nagare.streaming.protocol.wire.ModelMetadataResponse;
import dev.nagare.streaming.protocol.wire.ModelReadyRequest;
import dev.nagare.streaming.protocol.wire.ModelReadyResponse;
import dev.nagare.streaming.protocol.wire.ServerLiveRequest;
import dev.nagare.streaming.protocol.wire.ServerLiveResponse;
import dev.nagare.streaming.protocol.wire.ServerMetadataRequest;
import dev.nagare.streaming.protocol.wire.ServerMetadataResponse;
import dev.nagare.streaming.protocol.wire.ServerReadyRequest;
import dev.nagare.streaming.protocol.wire.ServerReadyResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcDoorTest {
  private static final String LIVE = "/" + GrpcDoor.INFERENCE + "/ServerLive";
  private static final byte[] NOTHING = RawClient.frame(0, new byte[0]).getBytes();

  private final GrpcDoors doors = GrpcDoors.open();

  @AfterEach
  void close() {
    doors.close();
    assertThat(doors.pool.usedBytes()).isZero();
  }

  @Test
  void saysWhichServerItIs() {
    ServerMetadataResponse server =
        ask(
            "ServerMetadata",
            ServerMetadataRequest.getDefaultInstance(),
            ServerMetadataResponse.getDefaultInstance());
    assertThat(server.getName()).isEqualTo("nagare");
    assertThat(server.getVersion()).isEqualTo("test");
    assertThat(server.getExtensionsList()).contains("model_configuration");
  }

  @Test
  void saysByBooleansWhetherItLivesAndIsReady() {
    assertThat(live(doors)).isTrue();
    assertThat(ready(doors)).isTrue();
    assertThat(modelReady("pulse", "")).isTrue();
    assertThat(modelReady("pulse", "7")).isTrue();
    assertThat(modelReady("pulse", "6")).isFalse();
    assertThat(modelReady("pluse", "")).isFalse();
  }

  @Test
  void livesButIsNotReadyWhileStarting() {
    try (var starting = new GrpcDoors(Set.of())) {
      assertThat(live(starting)).isTrue();
      assertThat(ready(starting)).isFalse();
      assertRefused(
          () -> starting.infer(GrpcDoors.request()),
          Status.Code.UNAVAILABLE,
          "the server is starting");
    }
  }

  @Test
  void livesButIsNotReadyWhileDraining() {
    doors.serving.drain();
    assertThat(live(doors)).isTrue();
    assertThat(ready(doors)).isFalse();
    assertThat(modelReady("pulse", "")).isFalse();
    assertRefused(
        () -> doors.infer(GrpcDoors.request()), Status.Code.UNAVAILABLE, "the server is stopping");
  }

  @Test
  void describesAModelWithItsOpenBatch() {
    ModelMetadataResponse model =
        ask(
            "ModelMetadata",
            ModelMetadataRequest.newBuilder().setName("pulse").build(),
            ModelMetadataResponse.getDefaultInstance());
    assertThat(model.getName()).isEqualTo("pulse");
    assertThat(model.getVersionsList()).containsExactly("7");
    assertThat(model.getPlatform()).isEqualTo("nagare_lstm");
    assertThat(model.getInputs(0).getName()).isEqualTo("window");
    assertThat(model.getInputs(0).getDatatype()).isEqualTo("FP32");
    assertThat(model.getInputs(0).getShapeList()).containsExactly(-1L, 32L, 3L);
    assertThat(model.getOutputs(0).getShapeList()).containsExactly(-1L, 3L);
  }

  @Test
  void configuresPerfAnalyzerWithDimsThatLeaveTheBatchOut() {
    ModelConfig config =
        ask(
                "ModelConfig",
                ModelConfigRequest.newBuilder().setName("pulse").setVersion("7").build(),
                ModelConfigResponse.getDefaultInstance())
            .getConfig();
    assertThat(config.getName()).isEqualTo("pulse");
    assertThat(config.getMaxBatchSize()).isEqualTo(GrpcDoors.MOST_ROWS);
    assertThat(config.hasDynamicBatching()).isTrue();
    assertThat(config.getModelTransactionPolicy().getDecoupled()).isFalse();
    assertThat(config.getInput(0).getName()).isEqualTo("window");
    assertThat(config.getInput(0).getDataType()).isEqualTo(DataType.TYPE_FP32);
    assertThat(config.getInput(0).getDimsList()).containsExactly(32L, 3L);
    assertThat(config.getOutput(0).getDimsList()).containsExactly(3L);
    assertThat(config.getParametersMap()).isEmpty();
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
    assertRefused(() -> doors.infer(request), Status.Code.NOT_FOUND, sentence);
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
    assertRefused(() -> doors.infer(GrpcDoors.request()), code, "50 % of “ü”\nwait");
    String counted =
        "nagare_requests_total{code=\"" + status + "\",door=\"grpc\",model=\"pulse\"} 1.0";
    await().untilAsserted(() -> assertThat(doors.metricsPage()).contains(counted));
  }

  @Test
  void cutsSentencesThatClientsWouldNotTake() {
    doors.model.refuse(400, "ü".repeat(100_000));
    assertRefused(() -> doors.infer(GrpcDoors.request()), Status.Code.INVALID_ARGUMENT, "üüüü");
  }

  @Test
  void refusesMixedContents() {
    ModelInferRequest.Builder mixed = GrpcDoors.request().toBuilder();
    mixed.getInputsBuilder(0).setContents(InferTensorContents.newBuilder().addFp32Contents(1));
    assertRefused(
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
    assertRefused(
        () -> doors.infer(large),
        Status.Code.RESOURCE_EXHAUSTED,
        "expected a message of at most 4096 bytes (server.max-body-bytes), got 100");
    assertForecast(doors.infer(GrpcDoors.request()));
  }

  @ParameterizedTest
  @CsvSource({"application/json, 415", "application/grpc-web, 415", "text/plain, 415"})
  void takesNoOtherProtocolOnThisPort(String type, int status) throws Exception {
    var answer = doors.raw.send("ServerLive", Buffer.buffer(), "content-type", type);
    assertThat(answer.http()).isEqualTo(status);
  }

  @Test
  void takesNoJsonForMessages() throws Exception {
    var answer =
        doors.raw.send(
            "ServerLive",
            RawClient.frame(0, new byte[] {'{', '}'}),
            "content-type",
            "application/grpc+json");
    assertThat(answer.status()).isEqualTo("12");
  }

  @Test
  void tellsCallersOfHttp1WhereTheyAre() throws Exception {
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + doors.port + "/v2")).build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).contains("this port speaks gRPC");
    }
  }

  @Test
  void refusesNamesThatAreNotTheServers() {
    try (var stranger = new StockClient(doors.port, "evil.example")) {
      assertRefused(
          () ->
              stranger.infer(
                  "ServerLive",
                  ServerLiveRequest.getDefaultInstance(),
                  ServerLiveResponse.getDefaultInstance()),
          Status.Code.PERMISSION_DENIED,
          "Host 'evil.example' is not a name of this server; server.allowed-hosts adds names");
    }
    try (var named = new GrpcDoors(Set.of("box.local"));
        var friend = new StockClient(named.port, "box.local:8001")) {
      assertThat(
              friend
                  .infer(
                      "ServerLive",
                      ServerLiveRequest.getDefaultInstance(),
                      ServerLiveResponse.getDefaultInstance())
                  .getLive())
          .isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost%20:8001", "l%calhost:8001", "l%zzhost"})
  void aNameThatCannotBeReadIsRefusedAndOtherCallsOfTheConnectionAreNot(String authority)
      throws Exception {
    try (var peer = new FramePeer(doors.port)) {
      assertThat(peer.call(LIVE, authority, NOTHING)).isEqualTo("3");
      assertThat(peer.call(LIVE, "localhost:8001", NOTHING)).isEqualTo("0");
    }
    try (var anyName = new GrpcDoors(Set.of("*"));
        var peer = new FramePeer(anyName.port)) {
      assertThat(peer.call(LIVE, authority, NOTHING)).isEqualTo("3");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "[::1", "localhost:port", "localhost:99999", "a b", "@", ""})
  void whateverTheNameItHasAnAnswer(String authority) throws Exception {
    try (var peer = new FramePeer(doors.port)) {
      assertThat(peer.call(LIVE, authority, NOTHING)).isIn("3", "7", "400", "reset");
    }
    assertThat(live(doors)).as("others are answered as ever").isTrue();
  }

  @Test
  void refusesPagesOfOtherOrigins() throws Exception {
    var answer =
        doors.raw.send(
            "ServerLive", RawClient.frame(0, new byte[0]), "origin", "http://evil.example");
    assertThat(answer.status()).isEqualTo("7");
    assertThat(answer.message()).contains("pages of origin 'http://evil.example'");
  }

  @ParameterizedTest
  @CsvSource({"TraceSetting, there is no call inference.GRPCInferenceService/TraceSetting here"})
  void answersUnimplementedInASentence(String method, String sentence) {
    assertRefused(
        () ->
            ask(
                method,
                ServerLiveRequest.getDefaultInstance(),
                ServerLiveResponse.getDefaultInstance()),
        Status.Code.UNIMPLEMENTED,
        sentence);
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

  private boolean modelReady(String name, String version) {
    return ask(
            "ModelReady",
            ModelReadyRequest.newBuilder().setName(name).setVersion(version).build(),
            ModelReadyResponse.getDefaultInstance())
        .getReady();
  }

  private static boolean live(GrpcDoors of) {
    return of.client
        .infer(
            "ServerLive",
            ServerLiveRequest.getDefaultInstance(),
            ServerLiveResponse.getDefaultInstance())
        .getLive();
  }

  private static boolean ready(GrpcDoors of) {
    return of.client
        .infer(
            "ServerReady",
            ServerReadyRequest.getDefaultInstance(),
            ServerReadyResponse.getDefaultInstance())
        .getReady();
  }

  private <A extends Message> A ask(String method, Message request, A prototype) {
    return doors.client.infer(method, request, prototype);
  }

  static void assertRefused(Runnable call, Status.Code code, String sentence) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).as(e.toString()).isEqualTo(code);
              assertThat(e.getStatus().getDescription()).contains(sentence).doesNotContain("/v2");
            });
  }
}
