package dev.nagare.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.grpc.StockClient.Conversation;
import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.streaming.ModelStatus;
import dev.nagare.streaming.protocol.wire.HealthCheckRequest;
import dev.nagare.streaming.protocol.wire.HealthCheckResponse;
import dev.nagare.streaming.protocol.wire.HealthCheckResponse.ServingStatus;
import dev.nagare.streaming.protocol.wire.ModelInferResponse;
import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.vertx.core.Future;
import io.vertx.grpc.reflection.v1.ServerReflectionRequest;
import io.vertx.grpc.reflection.v1.ServerReflectionResponse;
import io.vertx.grpc.reflection.v1.ServiceResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcHealthTest {
  private static final ModelStatus NOT_READY =
      new ModelStatus(false, null, false, 7, null, 0, 0, Map.of(), 0, -1, null);

  private final GrpcDoors doors = GrpcDoors.open();

  @AfterEach
  void close() {
    doors.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "inference.GRPCInferenceService",
        "nagare.v1.Learning",
        "grpc.health.v1.Health"
      })
  void checksAsReadinessSays(String service) {
    assertThat(check(doors, service)).isEqualTo(ServingStatus.SERVING);
    ModelStatus before = doors.model.status();
    doors.model.status(NOT_READY);
    assertThat(check(doors, service)).isEqualTo(ServingStatus.NOT_SERVING);
    doors.model.status(before);
    assertThat(check(doors, service)).isEqualTo(ServingStatus.SERVING);
    doors.serving.drain();
    assertThat(check(doors, service)).isEqualTo(ServingStatus.NOT_SERVING);
  }

  @Test
  void isNotServingWhileStarting() {
    try (var starting = new GrpcDoors(Set.of())) {
      assertThat(check(starting, "")).isEqualTo(ServingStatus.NOT_SERVING);
    }
  }

  @Test
  void knowsNoOtherService() {
    StockClient.assertRefused(
        () -> check(doors, "pulse"), Status.Code.NOT_FOUND, "there is no service 'pulse' here");
  }

  @Test
  void watchersAreToldOfEachChange() throws Exception {
    Conversation<HealthCheckResponse> watch = watch("");
    assertThat(watch.message().getStatus()).isEqualTo(ServingStatus.SERVING);
    ModelStatus before = doors.model.status();
    doors.model.status(NOT_READY);
    assertThat(watch.message().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
    doors.model.status(before);
    assertThat(watch.message().getStatus()).isEqualTo(ServingStatus.SERVING);
    watch.cancel();
  }

  @Test
  void watchersOfUnknownServicesAreToldSo() throws Exception {
    Conversation<HealthCheckResponse> watch = watch("pulse");
    assertThat(watch.message().getStatus()).isEqualTo(ServingStatus.SERVICE_UNKNOWN);
    watch.cancel();
  }

  @Test
  void aStopTellsWatchersAndLetsThemGo() throws Exception {
    Conversation<HealthCheckResponse> watch = watch("");
    assertThat(watch.message().getStatus()).isEqualTo(ServingStatus.SERVING);

    doors.serving.drain();
    Future<Void> closed = doors.door.close(Duration.ofSeconds(20));

    assertThat(watch.message().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(watch.next())
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
    GrpcDoors.await(closed);
  }

  @Test
  void aStopAnswersWhatWasAcceptedAndSendsClientsElsewhere() throws Exception {
    CompletableFuture<Void> gate = doors.model.hold();
    var answer =
        CompletableFuture.supplyAsync(
            () ->
                doors.client.infer(
                    "ModelInfer", GrpcDoors.request(), ModelInferResponse.getDefaultInstance()));
    await().until(() -> doors.model.inferred() == 1);

    var drained = doors.serving.drain().toCompletableFuture();
    Future<Void> closed = doors.door.close(Duration.ofSeconds(20));
    // GOAWAY: the channel lets the connection go although its call is not answered yet.
    await().until(() -> doors.client.channel.getState(false) == ConnectivityState.IDLE);
    assertThat(answer).isNotDone();
    assertThat(drained).isNotDone();
    gate.complete(null);

    assertThat(answer.get().getId()).isEqualTo("a1");
    GrpcDoors.await(closed);
    await().until(drained::isDone);
    StockClient.assertRefused(() -> doors.infer(GrpcDoors.request()), Status.Code.UNAVAILABLE, "");
  }

  @Test
  void describesItselfByReflection() throws Exception {
    ServerReflectionResponse listed =
        reflect(ServerReflectionRequest.newBuilder().setListServices("").build());
    assertThat(listed.getListServicesResponse().getServiceList())
        .extracting(ServiceResponse::getName)
        .contains(ServiceNames.INFERENCE, ServiceNames.LEARNING, ServiceNames.HEALTH);
    ServerReflectionResponse file =
        reflect(
            ServerReflectionRequest.newBuilder()
                .setFileContainingSymbol(ServiceNames.INFERENCE)
                .build());
    assertThat(file.getFileDescriptorResponse().getFileDescriptorProto(0).toStringUtf8())
        .contains("ModelStreamInfer", "raw_output_contents");
    ServerReflectionResponse ours =
        reflect(
            ServerReflectionRequest.newBuilder()
                .setFileContainingSymbol(ServiceNames.LEARNING)
                .build());
    assertThat(ours.getFileDescriptorResponse().getFileDescriptorProtoList())
        .anyMatch(proto -> proto.toStringUtf8().contains("RollbackRequest"))
        .as("what it imports")
        .anyMatch(proto -> proto.toStringUtf8().contains("InferInputTensor"));
  }

  private ServerReflectionResponse reflect(ServerReflectionRequest request) throws Exception {
    Conversation<ServerReflectionResponse> asked =
        doors.client.converse(
            "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            request,
            ServerReflectionResponse.getDefaultInstance(),
            CallOptions.DEFAULT);
    asked.send(request);
    return asked.message();
  }

  private Conversation<HealthCheckResponse> watch(String service) {
    HealthCheckRequest request = HealthCheckRequest.newBuilder().setService(service).build();
    Conversation<HealthCheckResponse> watch =
        doors.client.converse(
            ServiceNames.HEALTH + "/Watch",
            request,
            HealthCheckResponse.getDefaultInstance(),
            CallOptions.DEFAULT);
    watch.send(request);
    watch.allSent();
    return watch;
  }

  private static ServingStatus check(GrpcDoors of, String service) {
    return of.client
        .call(
            ServiceNames.HEALTH + "/Check",
            HealthCheckRequest.newBuilder().setService(service).build(),
            HealthCheckResponse.getDefaultInstance())
        .getStatus();
  }
}
