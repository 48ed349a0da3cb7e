package dev.nagare.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.server.grpc.gate.Gate;
import dev.nagare.streaming.protocol.wire.HealthCheckRequest;
import dev.nagare.streaming.protocol.wire.HealthCheckResponse;
import io.grpc.Status;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.grpc.reflection.v1.ServerReflectionRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What messages take while they are read, and that it is given back. */
class GrpcMemoryTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int PART = 4000;
  private static final int CALL = Gate.CALL_BYTES + PART;

  private final GrpcDoors doors = GrpcDoors.open();

  @AfterEach
  void everythingIsGivenBack() {
    doors.closeOnceAllIsGivenBack();
  }

  @Test
  void messagesThatDoNotEndTakeNoMoreThanThereIsAndOthersAreToldToComeAgain() throws Exception {
    RawClient client = doors.connect();
    List<HttpClientRequest> slow = new ArrayList<>();
    while (doors.budget.taken() <= doors.budget.most() - CALL) {
      slow.add(begun(client));
      long wanted = (long) CALL * slow.size();
      await().atMost(LONG).until(() -> doors.budget.taken() == wanted);
    }
    byte[] question = GrpcDoors.request().toBuilder().setId("x".repeat(3900)).build().toByteArray();
    var refused = doors.raw.send("ModelInfer", RawClient.frame(0, question));
    assertThat(refused.status()).isEqualTo("8");
    assertThat(refused.message()).contains("server.memory-bytes");
    assertThat(refused.pushback()).isEqualTo("1000");
    assertThat(doors.metricsPage())
        .contains("nagare_refused_bodies_total{door=\"grpc\",reason=\"memory\"} 1.0");
    for (HttpClientRequest request : slow) {
      GrpcDoors.await(request.reset(8));
    }
    await().atMost(LONG).until(() -> doors.budget.taken() == 0);
    assertThat(doors.raw.send("ModelInfer", RawClient.frame(0, question)).status()).isEqualTo("0");
  }

  @Test
  void callsThatSayNothingAtAllTakeNoMoreThanThereIsAndOthersAreToldToComeAgain() throws Exception {
    RawClient client = doors.connect();
    List<HttpClientRequest> silent = new ArrayList<>();
    while (doors.budget.taken() <= doors.budget.most() - Gate.CALL_BYTES) {
      HttpClientRequest request = client.open("ModelInfer");
      GrpcDoors.await(request.sendHead());
      silent.add(request);
      long wanted = (long) Gate.CALL_BYTES * silent.size();
      await().atMost(LONG).until(() -> doors.budget.taken() == wanted);
    }
    var refused =
        doors.raw.send("ServerLive", RawClient.frame(0, new byte[0])); // which needs no token
    assertThat(refused.status()).isEqualTo("8");
    assertThat(refused.pushback()).isEqualTo("1000");
    client.close();
  }

  @Test
  void aMessageThatIsSkippedTakesNothing() throws Exception {
    var answer = doors.raw.send("ModelInfer", RawClient.frame(0, new byte[100_000]));
    assertThat(answer.status()).isEqualTo("8");
    assertThat(answer.message()).contains("server.max-body-bytes");
    assertThat(doors.metricsPage()).doesNotContain("reason=\"memory\"");
  }

  @Test
  void whatEverybodyMayAskTakesAFewHundredBytes() throws Exception {
    StockClient.assertRefused(
        () ->
            doors.client.call(
                ServiceNames.HEALTH + "/Check",
                HealthCheckRequest.newBuilder().setService("x".repeat(600)).build(),
                HealthCheckResponse.getDefaultInstance()),
        Status.Code.RESOURCE_EXHAUSTED,
        "expected a message of at most 512 bytes");
    var answer = doors.raw.send("ModelReady", RawClient.frame(0, new byte[513]));
    assertThat(answer.status()).isEqualTo("8");
    assertThat(
            doors
                .client
                .call(
                    ServiceNames.HEALTH + "/Check",
                    HealthCheckRequest.newBuilder().setService(ServiceNames.INFERENCE).build(),
                    HealthCheckResponse.getDefaultInstance())
                .getStatus())
        .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
  }

  @Test
  void aCallThatAsksForDescriptionsTakesOneMessagesWorth() throws Exception {
    byte[] ask =
        ServerReflectionRequest.newBuilder()
            .setHost("x".repeat(3000))
            .setListServices("")
            .build()
            .toByteArray();
    String path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    assertThat(doors.raw.sendTo(path, RawClient.frame(0, ask)).status()).isEqualTo("0");
    Buffer twice = RawClient.frame(0, ask).appendBuffer(RawClient.frame(0, ask));
    assertThat(doors.raw.sendTo(path, twice).status()).isEqualTo("8");
  }

  /** A message of which a part came, and no more. */
  private HttpClientRequest begun(RawClient client) {
    HttpClientRequest request = client.open("ModelInfer");
    Buffer part =
        Buffer.buffer()
            .appendByte((byte) 0)
            .appendInt(GrpcDoors.MAX_MESSAGE_BYTES)
            .appendBytes(new byte[PART - 5]);
    GrpcDoors.await(request.write(part));
    return request;
  }
}
