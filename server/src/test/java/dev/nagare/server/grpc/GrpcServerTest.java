package dev.nagare.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.nagare.server.Server;
import dev.nagare.server.SmallModel;
import dev.nagare.server.StartException;
import dev.nagare.server.config.NagareConfig;
import dev.nagare.streaming.protocol.wire.ModelConfig;
import dev.nagare.streaming.protocol.wire.ModelConfigRequest;
import dev.nagare.streaming.protocol.wire.ModelConfigResponse;
import dev.nagare.streaming.protocol.wire.ModelInferRequest;
import dev.nagare.streaming.protocol.wire.ModelInferRequest.InferInputTensor;
import dev.nagare.streaming.protocol.wire.ModelInferResponse;
import dev.nagare.streaming.protocol.wire.ModelReadyRequest;
import dev.nagare.streaming.protocol.wire.ModelReadyResponse;
import dev.nagare.streaming.protocol.wire.ModelStatistics;
import dev.nagare.streaming.protocol.wire.ModelStatisticsRequest;
import dev.nagare.streaming.protocol.wire.ModelStatisticsResponse;
import dev.nagare.streaming.protocol.wire.RepositoryIndexRequest;
import dev.nagare.streaming.protocol.wire.RepositoryIndexResponse;
import dev.nagare.streaming.protocol.wire.RepositoryIndexResponse.ModelIndex;
import dev.nagare.streaming.protocol.wire.RepositoryModelLoadRequest;
import dev.nagare.streaming.protocol.wire.RepositoryModelLoadResponse;
import dev.nagare.streaming.protocol.wire.RepositoryModelUnloadRequest;
import dev.nagare.streaming.protocol.wire.RepositoryModelUnloadResponse;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole server, asked over gRPC by a stock client. */
class GrpcServerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;

  @Test
  void aModelOfTheFolderAnswers() throws Exception {
    Path models = folder.resolve("models");
    SmallModel.write(models.resolve("small/2/model.onnx"));
    Files.createDirectories(models.resolve("damaged/1"));
    Files.writeString(models.resolve("damaged/1/model.onnx"), "not what it says");
    try (Server server = Server.start(config(0));
        var client = new StockClient(server.grpcPort())) {
      await().atMost(PATIENCE).until(() -> ready(client));

      ModelInferResponse answer =
          client.infer(
              "ModelInfer",
              request(2, 3, 1, -2, 3, -4, 5, -6),
              ModelInferResponse.getDefaultInstance());
      assertThat(answer.getModelVersion()).isEqualTo("2");
      assertThat(answer.getOutputs(0).getName()).isEqualTo("y");
      assertThat(answer.getOutputs(0).getDatatype()).isEqualTo("FP32");
      assertThat(answer.getOutputs(0).getShapeList()).containsExactly(2L, 3L);
      assertThat(answer.getRawOutputContents(0)).isEqualTo(bytes(1, 0, 3, 0, 5, 0));

      StockClient.assertRefused(
          () ->
              client.infer(
                  "ModelInfer", request(1, 2, 1, 2), ModelInferResponse.getDefaultInstance()),
          Status.Code.INVALID_ARGUMENT,
          "input x: expected FP32 [N, 3], got FP32 [1, 2]");

      ModelConfig config =
          client
              .infer(
                  "ModelConfig",
                  ModelConfigRequest.newBuilder().setName("small").build(),
                  ModelConfigResponse.getDefaultInstance())
              .getConfig();
      assertThat(config.getMaxBatchSize()).isEqualTo(1024);
      assertThat(config.getInput(0).getDimsList()).containsExactly(3L);
      assertThat(config.getParametersMap()).containsOnlyKeys("precision");
      assertThat(config.getParametersOrThrow("precision").getStringValue()).isEqualTo("f32");

      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                ModelIndex damaged = entry(client, "damaged");
                assertThat(damaged.getState()).isEqualTo("UNAVAILABLE");
                assertThat(damaged.getReason()).isNotEmpty();
              });
      assertThat(entry(client, "small").getState()).isEqualTo("READY");
    }
  }

  @Test
  void namesTheRemedyWhenThePortIsTaken() throws Exception {
    Files.createDirectories(folder.resolve("models"));
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      NagareConfig config = config(taken.getLocalPort());
      assertThatThrownBy(() -> Server.start(config))
          .isInstanceOf(StartException.class)
          .hasMessageStartingWith("port " + taken.getLocalPort() + " on 127.0.0.1 is taken")
          .hasMessageContaining("server.grpc-port or NAGARE_SERVER_GRPC_PORT=");
    }
  }

  private NagareConfig config(int grpcPort) throws IOException {
    Path config = folder.resolve("nagare.yaml");
    Files.writeString(
        config,
        """
        server: {port: 0, grpc-port: %d, metrics-port: 0}
        data: "%s"
        repository: "%s"
        """
            .formatted(grpcPort, folder.resolve("data"), folder.resolve("models")));
    return NagareConfig.read(config, Map.of());
  }

  private static boolean ready(StockClient client) {
    return client
        .infer(
            "ModelReady",
            ModelReadyRequest.newBuilder().setName("small").build(),
            ModelReadyResponse.getDefaultInstance())
        .getReady();
  }

  @Test
  void modelsAreUnloadedAndLoadedAndTheirStatisticsKept() throws Exception {
    SmallModel.write(folder.resolve("models/small/2/model.onnx"));
    try (Server server = Server.start(config(0));
        var client = new StockClient(server.grpcPort())) {
      await().atMost(PATIENCE).until(() -> ready(client));
      client.infer("ModelInfer", request(1, 3, 1, -2, 3), ModelInferResponse.getDefaultInstance());

      client.infer(
          "RepositoryModelUnload",
          RepositoryModelUnloadRequest.newBuilder().setModelName("small").build(),
          RepositoryModelUnloadResponse.getDefaultInstance());
      assertThatThrownBy(
              () ->
                  client.infer(
                      "ModelInfer",
                      request(1, 3, 1, -2, 3),
                      ModelInferResponse.getDefaultInstance()))
          .hasMessageContaining("NOT_FOUND");

      client.infer(
          "RepositoryModelLoad",
          RepositoryModelLoadRequest.newBuilder().setModelName("small").build(),
          RepositoryModelLoadResponse.getDefaultInstance());
      client.infer(
          "ModelInfer", request(2, 3, 1, -2, 3, 4, 5, 6), ModelInferResponse.getDefaultInstance());
      ModelStatistics statistics =
          client
              .infer(
                  "ModelStatistics",
                  ModelStatisticsRequest.newBuilder().setName("small").build(),
                  ModelStatisticsResponse.getDefaultInstance())
              .getModelStats(0);
      assertThat(statistics.getInferenceCount()).isEqualTo(3);
      assertThat(statistics.getExecutionCount()).isEqualTo(2);
      assertThat(statistics.getInferenceStats().getSuccess().getCount()).isEqualTo(2);
    }
  }

  private static ModelIndex entry(StockClient client, String model) {
    return client
        .infer(
            "RepositoryIndex",
            RepositoryIndexRequest.getDefaultInstance(),
            RepositoryIndexResponse.getDefaultInstance())
        .getModelsList()
        .stream()
        .filter(entry -> entry.getName().equals(model))
        .findFirst()
        .orElseThrow();
  }

  private static ModelInferRequest request(long rows, long columns, float... values) {
    return ModelInferRequest.newBuilder()
        .setModelName("small")
        .addInputs(
            InferInputTensor.newBuilder()
                .setName("x")
                .setDatatype("FP32")
                .addShape(rows)
                .addShape(columns))
        .addRawInputContents(bytes(values))
        .build();
  }

  private static ByteString bytes(float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return ByteString.copyFrom(bytes.array());
  }
}
