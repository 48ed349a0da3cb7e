package dev.nagare.server.clients;

import static dev.nagare.server.clients.Stock.TENSOR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.server.clients.GrpcReplay.Call;
import dev.nagare.streaming.protocol.wire.ModelConfigResponse;
import dev.nagare.streaming.protocol.wire.ModelInferResponse;
import dev.nagare.streaming.protocol.wire.ModelMetadataResponse;
import dev.nagare.streaming.protocol.wire.ModelReadyResponse;
import dev.nagare.streaming.protocol.wire.ModelStatisticsResponse;
import dev.nagare.streaming.protocol.wire.ModelStreamInferResponse;
import dev.nagare.streaming.protocol.wire.RepositoryIndexResponse;
import dev.nagare.streaming.protocol.wire.ServerLiveResponse;
import dev.nagare.streaming.protocol.wire.ServerMetadataResponse;
import dev.nagare.streaming.protocol.wire.ServerReadyResponse;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The clients over gRPC: a session each, whose frames and sources stand in {@code
 * src/test/resources/clients}. Answers are read as the clients read them: outputs from the raw
 * contents only ({@code tritonclient/grpc/_infer_result.py} 16349f3, {@code as_numpy}).
 */
class GrpcClientsTest {
  @TempDir private static Path folder;
  private static Stock stock;

  @BeforeAll
  static void start() throws Exception {
    stock = Stock.start(folder);
  }

  @AfterAll
  static void stop() {
    stock.close();
  }

  @Test
  void aSessionOfTheTritonClientForPythonIsAnsweredToTheLastCall() throws Exception {
    try (var client = new GrpcReplay(stock.server.grpcPort(), "triton-python-grpc.h2")) {
      assertThat(ServerLiveResponse.parseFrom(answered(client)).getLive()).isTrue();
      assertThat(ServerReadyResponse.parseFrom(answered(client)).getReady()).isTrue();
      assertThat(ModelReadyResponse.parseFrom(answered(client)).getReady()).isTrue();
      assertThat(ServerMetadataResponse.parseFrom(answered(client)).getName()).isEqualTo("nagare");
      assertThat(ModelMetadataResponse.parseFrom(answered(client)).getInputs(0).getShapeList())
          .containsExactly(-1L, 3L);
      assertThat(ModelConfigResponse.parseFrom(answered(client)).getConfig().getName())
          .isEqualTo("small");
      assertThat(ModelStatisticsResponse.parseFrom(answered(client)).getModelStatsCount())
          .isEqualTo(1);
      assertThat(RepositoryIndexResponse.parseFrom(answered(client)).getModels(0).getState())
          .isEqualTo("READY");
      assertThat(answered(client)).isEmpty(); // load

      assertThat(floats(ModelInferResponse.parseFrom(answered(client)))).containsExactly(1, 0, 3);
      var named = ModelInferResponse.parseFrom(answered(client));
      assertThat(named.getId()).isEqualTo("a1");
      assertThat(named.getModelVersion()).isEqualTo("1");
      assertThat(floats(named)).containsExactly(1, 0, 3);

      // "gzip" asked for, sent plainly because it is short; then compressed
      assertThat(floats(ModelInferResponse.parseFrom(answered(client)))).containsExactly(1, 0, 3);
      var rows = ModelInferResponse.parseFrom(answered(client));
      assertThat(rows.getOutputs(0).getShapeList()).containsExactly(50L, 3L);
      assertThat(floats(rows)).hasSize(150).endsWith(1, 0, 3);

      Call refused = client.next();
      assertThat(refused.head())
          .containsEntry(":status", "200")
          .containsEntry("content-type", "application/grpc");
      assertThat(refused.trailers())
          .containsEntry("grpc-status", "5")
          .hasEntrySatisfying("grpc-message", why -> assertThat(why).contains("nobody"));

      Call stream = client.next();
      assertThat(stream.trailers()).containsEntry("grpc-status", "0");
      assertThat(stream.messages()).hasSize(3);
      var first = ModelStreamInferResponse.parseFrom(stream.messages().get(0));
      var second = ModelStreamInferResponse.parseFrom(stream.messages().get(1));
      var third = ModelStreamInferResponse.parseFrom(stream.messages().get(2));
      // an error in a stream is a message with a text; without one it is a result
      assertThat(first.getErrorMessage()).isEmpty();
      assertThat(floats(first.getInferResponse())).containsExactly(1, 0, 3);
      assertThat(second.getErrorMessage()).contains("nobody");
      assertThat(third.getErrorMessage()).isEmpty();
      assertThat(Stream.of(first, second, third).map(m -> m.getInferResponse().getId()))
          .containsExactly("s1", "s2", "s3");
      assertThat(client.done()).isTrue();
    }
  }

  @Test
  void perfAnalyzerStartsAndFindsItsAnswersByTheirIds() throws Exception {
    try (var client = new GrpcReplay(stock.server.grpcPort(), "perf-analyzer-grpc.h2")) {
      var metadata = ModelMetadataResponse.parseFrom(answered(client));
      var config = ModelConfigResponse.parseFrom(answered(client)).getConfig();
      assertThat(config.getMaxBatchSize()).isPositive();
      assertThat(metadata.getInputs(0).getShape(0)).isEqualTo(-1); // the batch, which it leaves out
      assertThat(config.getInput(0).getName()).isEqualTo(metadata.getInputs(0).getName());
      assertThat(config.getOutput(0).getName()).isEqualTo(metadata.getOutputs(0).getName());
      assertThat(config.hasDynamicBatching()).isTrue();
      assertThat(ServerMetadataResponse.parseFrom(answered(client)).getExtensionsList())
          .contains("statistics");
      var statistics = ModelStatisticsResponse.parseFrom(answered(client)).getModelStats(0);
      assertThat(statistics.getName()).isEqualTo("small");
      assertThat(statistics.getVersion()).matches("[0-9]+"); // read as a number

      var synchronous = ModelInferResponse.parseFrom(answered(client));
      assertThat(synchronous.getId()).isEmpty();
      assertThat(floats(synchronous)).containsExactly(1, 0, 3);
      assertThat(ModelInferResponse.parseFrom(answered(client)).getId()).isEqualTo("0");

      Call stream = client.next();
      assertThat(stream.trailers()).containsEntry("grpc-status", "0");
      assertThat(stream.messages()).hasSize(2);
      for (int i = 0; i < 2; i++) {
        var message = ModelStreamInferResponse.parseFrom(stream.messages().get(i));
        assertThat(message.getErrorMessage()).isEmpty();
        assertThat(message.getInferResponse().getId()).isEqualTo(Integer.toString(i));
        assertThat(floats(message.getInferResponse())).containsExactly(1, 0, 3);
      }
      assertThat(client.done()).isTrue();
    }
  }

  @Test
  void kServesClientIsAnsweredInRawContentsForTypedOnes() throws Exception {
    try (var client = new GrpcReplay(stock.server.grpcPort(), "kserve-grpc.h2")) {
      assertThat(ServerLiveResponse.parseFrom(answered(client)).getLive()).isTrue();
      assertThat(ServerReadyResponse.parseFrom(answered(client)).getReady()).isTrue();
      assertThat(ModelReadyResponse.parseFrom(answered(client)).getReady()).isTrue();
      var typed = ModelInferResponse.parseFrom(answered(client));
      assertThat(typed.getId()).isEqualTo("a1");
      assertThat(floats(typed)).containsExactly(1, 0, 3);
      var raw = ModelInferResponse.parseFrom(answered(client));
      assertThat(raw.getId()).isEqualTo("a2");
      assertThat(floats(raw)).containsExactly(1, 0, 3);
      assertThat(client.done()).isTrue();
    }
  }

  private static byte[] answered(GrpcReplay client) throws Exception {
    Call call = client.next();
    assertThat(call.trailers()).containsEntry("grpc-status", "0");
    assertThat(call.head())
        .containsEntry(":status", "200")
        .containsEntry("content-type", "application/grpc");
    return call.message();
  }

  /** {@code as_numpy("y")}. */
  private static float[] floats(ModelInferResponse response) {
    assertThat(response.getOutputsList()).hasSize(1);
    assertThat(response.getOutputs(0).getName()).isEqualTo("y");
    assertThat(response.getOutputs(0).getDatatype()).isEqualTo("FP32");
    assertThat(response.getRawOutputContentsList()).hasSize(1);
    byte[] bytes = response.getRawOutputContents(0).toByteArray();
    assertThat(bytes.length % TENSOR.length).isZero();
    return Stock.floats(bytes);
  }
}
