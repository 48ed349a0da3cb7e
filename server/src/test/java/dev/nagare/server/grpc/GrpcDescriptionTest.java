package dev.nagare.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.nagare.streaming.protocol.wire.DataType;
import dev.nagare.streaming.protocol.wire.ModelConfig;
import dev.nagare.streaming.protocol.wire.ModelConfigRequest;
import dev.nagare.streaming.protocol.wire.ModelConfigResponse;
import dev.nagare.streaming.protocol.wire.ModelMetadataRequest;
import dev.nagare.streaming.protocol.wire.ModelMetadataResponse;
import dev.nagare.streaming.protocol.wire.ModelReadyRequest;
import dev.nagare.streaming.protocol.wire.ModelReadyResponse;
import dev.nagare.streaming.protocol.wire.ServerMetadataRequest;
import dev.nagare.streaming.protocol.wire.ServerMetadataResponse;
import dev.nagare.streaming.protocol.wire.ServerReadyRequest;
import dev.nagare.streaming.protocol.wire.ServerReadyResponse;
import io.grpc.Status;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the door says of the server and its models. */
class GrpcDescriptionTest {
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
    assertThat(doors.live()).isTrue();
    assertThat(ready(doors)).isTrue();
    assertThat(modelReady("pulse", "")).isTrue();
    assertThat(modelReady("pulse", "7")).isTrue();
    assertThat(modelReady("pulse", "6")).isFalse();
    assertThat(modelReady("pluse", "")).isFalse();
  }

  @Test
  void livesButIsNotReadyWhileStarting() {
    try (var starting = new GrpcDoors(Set.of())) {
      assertThat(starting.live()).isTrue();
      assertThat(ready(starting)).isFalse();
      StockClient.assertRefused(
          () -> starting.infer(GrpcDoors.request()),
          Status.Code.UNAVAILABLE,
          "the server is starting");
    }
  }

  @Test
  void livesButIsNotReadyWhileDraining() {
    doors.serving.drain();
    assertThat(doors.live()).isTrue();
    assertThat(ready(doors)).isFalse();
    assertThat(modelReady("pulse", "")).isFalse();
    StockClient.assertRefused(
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

  private boolean modelReady(String name, String version) {
    return ask(
            "ModelReady",
            ModelReadyRequest.newBuilder().setName(name).setVersion(version).build(),
            ModelReadyResponse.getDefaultInstance())
        .getReady();
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
}
