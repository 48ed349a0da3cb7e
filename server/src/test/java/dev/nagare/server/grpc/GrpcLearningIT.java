package dev.nagare.server.grpc;

import static dev.nagare.server.grpc.StockClient.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.nagare.server.LearningServer;
import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.streaming.protocol.wire.LabelsResponse;
import dev.nagare.streaming.protocol.wire.LearnResponse;
import dev.nagare.streaming.protocol.wire.LineageResponse;
import dev.nagare.streaming.protocol.wire.ModelInferRequest;
import dev.nagare.streaming.protocol.wire.ModelInferRequest.InferInputTensor;
import dev.nagare.streaming.protocol.wire.ModelInferResponse;
import dev.nagare.streaming.protocol.wire.RollbackResponse;
import io.grpc.Status.Code;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The learning service against a real broker; what docs/api-grpc.md shows. */
class GrpcLearningIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final float[] WINDOW = {0.1f, 7, -1, 0.2f, 6, -1, 0.4f, 5, -1};

  @TempDir Path folder;

  @Test
  void eventsAreLearnedAndLabelsOfTheirOwnersFindTheirPredictions() throws Exception {
    try (LearningServer server =
            LearningServer.start(
                folder,
                "ann infer,learn",
                "bob learn",
                "teacher learn,label:any",
                "chief infer,manage");
        var client = new StockClient(server.grpcPort())) {
      Pupil up = new Pupil(client, "up").with("secret-of-ann");
      Pupil late = new Pupil(client, "late").with("secret-of-ann");

      eventsAreLearned(up);
      labelsFindTheirPredictions(server, client, late);

      Pupil chief = new Pupil(client, "up").with("secret-of-chief");
      await().atMost(PATIENCE).until(() -> chief.snapshots().getSnapshotsCount() > 1);
      String version = said("Snapshots", chief.snapshots()).getSnapshots(0).getVersion();
      assertRefused(
          () -> chief.rollBack("77"),
          Code.NOT_FOUND,
          "version 77 of model 'up' is no snapshot that can be gone back to; there are [2, 0]");
      RollbackResponse back = said("Rollback", chief.rollBack(version));
      assertThat(back.getPending()).isFalse();
      assertThat(back.getRolledBackTo()).isEqualTo(version);
      assertThat(back.getReceipt()).startsWith("up.requests-0-");
      assertThat(back.getVersion()).isNotEqualTo(version);
      LineageResponse lineage = said("Lineage", chief.lineage());
      assertThat(lineage.getRecords().getTopic()).isEqualTo("up.requests");
      assertThat(lineage.getRecords().getExamples()).isEqualTo(4);
      assertThat(lineage.getCheckpoints(0).getSha256()).hasSize(64);
    }
  }

  private static void eventsAreLearned(Pupil up) {
    for (int i = 0; i < 3; i++) {
      up.learn(up.event("e-" + i, i % 2, i / 10f, 1));
    }
    LearnResponse learned = said("Learn", up.learn(up.event("e-3", 1, 0.3f, 1)));
    assertThat(learned.getModelVersion()).isEqualTo("1");
    assertThat(learned.getParametersOrThrow("receipt").getStringParam())
        .isEqualTo("up.requests-0-3");
    assertThat(learned.getParametersOrThrow("version").getStringParam()).isEqualTo("2");
    assertThat(learned.getOutputs(0).getShapeList()).containsExactly(1L, 2L);
    assertThat(up.learn(up.typed("e-3", 1, 0.3f, 1)))
        .as("the same event again, written otherwise")
        .isEqualTo(learned);
    assertRefused(
        () -> up.learn(up.event("e-3", 0, 0.3f, 1)), Code.ALREADY_EXISTS, "was another event's");
    assertRefused(
        () -> up.learn(up.event("e-5", 1, 1, 2, 3)),
        Code.INVALID_ARGUMENT,
        "input row: expected FP32 [1, 2], got FP32 [1, 3]");
    assertRefused(
        () -> up.learn(up.event("e-5", 7, 1, 2)),
        Code.INVALID_ARGUMENT,
        "label label: expected a whole number from 0 to 1, got 7");
    assertRefused(
        () -> up.label("up.predictions-0-0", 1), Code.UNIMPLEMENTED, "need examples: joined");
  }

  private static void labelsFindTheirPredictions(
      LearningServer server, StockClient client, Pupil late) {
    String first = ask(client);
    assertThat(first).isEqualTo("late.predictions-0-0");
    LabelsResponse ofBob = late.with("secret-of-bob").label(first, 1);
    assertThat(ofBob.getLabels(0).getReceipt()).isEqualTo("late.labels-0-0");
    server.awaitLabels("nagare_invalid_labels_total{model=\"late\",reason=\"owner\"} 1.0");
    assertThat(said("Labels", late.label(first, 1)).getLabels(0).getReceipt())
        .isEqualTo("late.labels-0-1");
    server.awaitLabels("nagare_labels_total{fate=\"joined\",model=\"late\"} 1.0");
    late.with("secret-of-teacher").label(ask(client), 0);
    server.awaitLabels("nagare_labels_total{fate=\"joined\",model=\"late\"} 2.0");
    assertRefused(
        () -> late.label(first, 5),
        Code.INVALID_ARGUMENT,
        "labels[0]: label: expected a whole number from 0 to 1, got 5");
    assertRefused(
        () -> late.label("up.predictions-0-0", 1),
        Code.INVALID_ARGUMENT,
        "labels[0]: id: expected a prediction_id such as late.predictions-0-17");
    assertRefused(
        () -> late.learn(late.event("x", 0, 1, 2)),
        Code.UNIMPLEMENTED,
        "learns from labels of its predictions");
  }

  /** Asks in the name of ann. */
  private static String ask(StockClient client) {
    ByteBuffer window =
        ByteBuffer.allocate(WINDOW.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    window.asFloatBuffer().put(WINDOW);
    ModelInferRequest request =
        ModelInferRequest.newBuilder()
            .setModelName("late")
            .addInputs(
                InferInputTensor.newBuilder()
                    .setName("window")
                    .setDatatype("FP32")
                    .addShape(1)
                    .addShape(3)
                    .addShape(3))
            .addRawInputContents(ByteString.copyFrom(window))
            .build();
    ModelInferResponse answer =
        client.call(
            ServiceNames.INFERENCE + "/ModelInfer",
            request,
            ModelInferResponse.getDefaultInstance(),
            Pupil.withToken("secret-of-ann"));
    return answer.getParametersOrThrow("prediction_id").getStringParam();
  }

  /** Shows what docs/api-grpc.md is to show. */
  private static <A extends Message> A said(String call, A answer) {
    System.out.printf("%s%n# OK%n%s%n", call, answer);
    return answer;
  }
}
