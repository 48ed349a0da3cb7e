package dev.nagare.server.grpc;

import static dev.nagare.server.grpc.StockClient.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.nagare.server.Server;
import dev.nagare.server.SmallModel;
import dev.nagare.server.Tokens;
import dev.nagare.server.config.NagareConfig;
import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.streaming.protocol.wire.ModelInferRequest;
import dev.nagare.streaming.protocol.wire.ModelInferRequest.InferInputTensor;
import dev.nagare.streaming.protocol.wire.ModelInferResponse;
import dev.nagare.streaming.protocol.wire.ModelReadyRequest;
import dev.nagare.streaming.protocol.wire.ModelReadyResponse;
import io.grpc.Status.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The learning service of a whole server that has no Kafka. */
class GrpcTaughtServerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;

  @Test
  void withoutKafkaACallIsUnimplementedAndNamesTheRemedy() throws Exception {
    NagareConfig config =
        config(
            """
            models:
              - {name: up, features: [price, demand], task: classify}
            """);
    try (Server server = Server.start(config);
        var client = new StockClient(server.grpcPort())) {
      var up = new Pupil(client, "up");
      await().atMost(PATIENCE).until(() -> ready(client, "up"));
      String remedy = "name a cluster in the start-up file, such as kafka: {topics: create,";
      assertRefused(() -> up.learn(up.event("e", 1, 1, 2)), Code.UNIMPLEMENTED, remedy);
      assertRefused(() -> up.rollBack("1"), Code.UNIMPLEMENTED, remedy);
      assertRefused(
          () -> up.label("up.predictions-0-0", 1),
          Code.UNIMPLEMENTED,
          "labels of predictions need examples: joined in the start-up file");
      assertThat(up.snapshots().getSnapshotsList()).isEmpty();
      assertThat(up.lineage().getVersion()).isEqualTo("0");
    }
  }

  @Test
  void aLabelOfSomebodyElsesPredictionIsRefusedWhereTheServerRemembersWhose() throws Exception {
    Path models = folder.resolve("models");
    SmallModel.write(models.resolve("small/1/model.onnx"));
    SmallModel.write(models.resolve("small/2/model.onnx"));
    Files.writeString(
        models.resolve("small/model.yaml"), "versions: all\ncanary: {version: 2, share: 1}\n");
    Path tokens = Tokens.write(folder, "ann infer,learn", "bob learn", "teacher learn,label:any");
    NagareConfig config =
        config("auth: {tokens: \"%s\"}\nrepository: \"%s\"\n".formatted(tokens, models));
    try (Server server = Server.start(config);
        var client = new StockClient(server.grpcPort())) {
      await().atMost(PATIENCE).until(() -> ready(client, "small"));
      var small = new Pupil(client, "small");
      String first = ask(client);
      assertRefused(
          () -> small.with("secret-of-bob").label(first, 2),
          Code.PERMISSION_DENIED,
          "label of "
              + first
              + ": another principal asked for that prediction; expected that one,"
              + " or scope label:any");
      assertThat(small.with("secret-of-ann").label(first, 2).getLabels(0).getReceipt())
          .isEqualTo("version-2");
      String second = ask(client);
      assertThat(small.with("secret-of-teacher").label(second, 0).getLabels(0).getReceipt())
          .isEqualTo("version-2");
      assertThat(small.with("secret-of-bob").label(second, 0).getLabels(0).getReceipt())
          .as("it has its label already")
          .isEqualTo("unmatched");
      assertRefused(
          () -> small.with("secret-of-ann").lineage(), Code.NOT_FOUND, "it has no lineage");
    }
  }

  private static String ask(StockClient client) {
    ModelInferResponse answer =
        client.call(
            ServiceNames.INFERENCE + "/ModelInfer",
            ModelInferRequest.newBuilder()
                .setModelName("small")
                .addInputs(
                    InferInputTensor.newBuilder()
                        .setName("x")
                        .setDatatype("FP32")
                        .addShape(1)
                        .addShape(3))
                .addRawInputContents(ByteString.copyFrom(new byte[12]))
                .build(),
            ModelInferResponse.getDefaultInstance(),
            Pupil.withToken("secret-of-ann"));
    return answer.getParametersOrThrow("prediction_id").getStringParam();
  }

  private static boolean ready(StockClient client, String model) {
    return client
        .infer(
            "ModelReady",
            ModelReadyRequest.newBuilder().setName(model).build(),
            ModelReadyResponse.getDefaultInstance())
        .getReady();
  }

  private NagareConfig config(String rest) throws Exception {
    Path config = folder.resolve("nagare.yaml");
    Files.writeString(
        config,
        "server: {port: 0, grpc-port: 0, metrics-port: 0}\ndata: \"%s\"\n%s"
            .formatted(folder.resolve("data"), rest));
    return NagareConfig.read(config, Map.of());
  }
}
