package dev.nagare.streaming.learn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nagare.models.online.OnlineConfig;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Role;
import dev.nagare.streaming.Streaming;
import dev.nagare.streaming.StreamingConfig;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.Topics;
import dev.nagare.streaming.codec.RecordFormat;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.rehearsal.Rehearsal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** Events given at a door are put into the log, learned from there, once, and answered. */
class LearnDoorIT extends WithBroker {
  @Test
  void anEventIsAnsweredWithWhatWasPredictedBeforeItWasLearnedAndItsReceipt() throws Exception {
    try (Streaming streaming = start("door", FAKES)) {
      ModelService model = streaming.model("door").orElseThrow();
      awaitConnected(model);
      InferenceResponse first = learn(model, Topics.row(row(1)));
      InferenceResponse second = learn(model, Topics.row(row(2)));

      assertThat(first.outputs()).isEmpty();
      assertThat(first.parameters()).containsEntry("receipt", "door.requests-0-0");
      assertThat(second.modelVersion()).isEqualTo("1");
      assertThat(second.outputs().getFirst().floats()).isEqualTo(row(1));
      assertThat(second.parameters())
          .containsEntry("receipt", "door.requests-0-1")
          .containsEntry("trained_through", "door.requests-0:1")
          .containsEntry("version", "2")
          .containsEntry("learned", true)
          .containsEntry("measure", "mae")
          .containsKeys("score", "score_repeat_last", "scored")
          .doesNotContainKey("pending");
      assertThat(model.status().nextOffset()).isEqualTo(2);
    }
    assertThat(predictions("door")).hasSize(2);
    assertThat(topics.read("door.requests")).hasSize(2);
  }

  @Test
  void aRepeatedIdGivesTheFirstReceiptAndIsLearnedOnce() throws Exception {
    String event = withId(Topics.row(row(3)), "a-1");
    try (Streaming streaming = start("twice", FAKES)) {
      ModelService model = streaming.model("twice").orElseThrow();
      awaitConnected(model);
      List<InferenceResponse> answers =
          List.of(learn(model, event), learn(model, event), learn(model, event));

      assertThat(answers)
          .allSatisfy(
              answer -> {
                assertThat(answer.id()).isEqualTo("a-1");
                assertThat(answer.parameters()).containsEntry("receipt", "twice.requests-0-0");
              });
      assertRefused(model, withId(Topics.row(row(4)), "a-1"), 409, "id a-1 was another event's");
      assertThat(model.status().nextOffset()).isEqualTo(1);
    }
    assertThat(topics.read("twice.requests")).hasSize(1);
  }

  @Test
  void anEventThatTeachesNothingIsRefusedAndNotPutIntoTheLog() throws Exception {
    try (Streaming streaming = start("refusing", FAKES)) {
      ModelService model = streaming.model("refusing").orElseThrow();
      awaitConnected(model);

      assertRefused(model, "no json", 400, "malformed JSON");
      assertRefused(model, Topics.row(1, 2, 3), 400, "input row: expected FP32 [1, 2]");
      assertRefused(
          model, Topics.window(WINDOW, FEATURES, window(1)), 400, "windows are asked at infer");
      assertRefused(
          model, "{\"model_name\":\"other\"," + Topics.row(row(1)).substring(1), 404, "other");
    }
    assertThat(topics.read("refusing.requests")).isEmpty();
  }

  @Test
  void anEventIsWrittenInTheFormatOfTheTopic() throws Exception {
    var csv = new RecordFormat.Csv(List.of("b", "note", "a"), ';');
    var config =
        config(data, kafka(), List.of(with("csv", csv), with("json", new RecordFormat.Json())));
    float[] row = {0.1f, -3e20f};
    try (Streaming streaming = start(config, FAKES)) {
      for (String name : List.of("csv", "json")) {
        ModelService model = streaming.model(name).orElseThrow();
        awaitConnected(model);
        learn(model, Topics.row(row));
        assertThat(learn(model, Topics.row(row(9))).outputs().getFirst().floats()).isEqualTo(row);
      }
    }
    assertThat(text(topics.read("csv.requests").getFirst())).isEqualTo("-3.0E20;;0.1");
    assertThat(text(topics.read("json.requests").getFirst()))
        .isEqualTo("{\"a\":0.1,\"b\":-3.0E20}");
  }

  @Test
  void aClassifiersAnswerHasTheProbabilitiesThatWereScored() throws Exception {
    var config = config(data, kafka(), List.of(classifier("classes")));
    try (Streaming streaming = start(config, Rehearsal.NONE)) {
      ModelService model = streaming.model("classes").orElseThrow();
      awaitConnected(model);
      InferenceResponse last = learn(model, labelled(row(0), 0));
      for (int i = 1; i < 8; i++) {
        last = learn(model, labelled(row(i), i % 2));
      }
      assertThat(last.outputs().getFirst().name()).isEqualTo("probabilities");
      assertThat(last.outputs().getFirst().shape()).containsExactly(1L, 2L);
      assertThat(last.parameters())
          .containsEntry("measure", "accuracy")
          .containsEntry("scored", 5L)
          .containsKeys("score", "score_no_change", "score_majority");
      await().atMost(LONG).until(() -> predictions("classes").size() == 8);
      assertThat(floats(predictions("classes").getLast()))
          .isEqualTo(last.outputs().getFirst().floats());
      assertRefused(
          model, labelled(row(1), 5), 400, "label y: expected a whole number from 0 to 1");
    }
  }

  @Test
  void whereNobodyLearnsTheAnswerIsTheReceiptAndPending() throws Exception {
    var scorer =
        config(
            data,
            kafka(broker.bootstrapServers(), StreamingConfig.Topics.CREATE, Role.SCORER, "scores"),
            "elsewhere");
    topics.create("elsewhere.requests");
    try (Streaming streaming = start(scorer, FAKES)) {
      InferenceResponse answer =
          learn(streaming.model("elsewhere").orElseThrow(), Topics.row(row(1)));
      assertThat(answer.outputs()).isEmpty();
      assertThat(answer.parameters())
          .containsEntry("receipt", "elsewhere.requests-0-0")
          .containsEntry("pending", true);
    }
    Path other = data.resolve("learner");
    try (Streaming streaming = start(other, FAKES, "elsewhere")) {
      await().atMost(LONG).until(() -> offset(streaming, "elsewhere") == 1);
    }
    assertThat(predictions("elsewhere")).hasSize(1);
  }

  @Test
  void withoutALogItIsNotImplementedAndSaysWhatToDo() {
    try (Streaming streaming = start(config(data, null, "plain"), FAKES)) {
      assertRefused(
          streaming.model("plain").orElseThrow(),
          Topics.row(row(1)),
          501,
          "name a cluster in the start-up file, such as kafka: {topics: create");
    }
  }

  @Test
  void aLogThatDoesNotAnswerIsSaidWithoutAPromise() {
    var kafka = kafka("127.0.0.1:1", StreamingConfig.Topics.CREATE, Role.ALL, "one");
    try (Streaming streaming = start(config(data, kafka, "away"), FAKES)) {
      assertRefused(
          streaming.model("away").orElseThrow(),
          Topics.row(row(1)),
          503,
          "Kafka at 127.0.0.1:1 has not acknowledged a record of away.requests");
    }
  }

  private static InferenceResponse learn(ModelService model, String event) {
    return model.learn(event.getBytes(UTF_8)).toCompletableFuture().join();
  }

  private static void assertRefused(ModelService model, String event, int status, String message) {
    assertThatThrownBy(() -> learn(model, event))
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            ProtocolException.class, e -> assertThat(e.status()).isEqualTo(status))
        .hasMessageContaining(message);
  }

  private static String withId(String event, String id) {
    return "{\"id\":\"" + id + "\"," + event.substring(1);
  }

  private static String labelled(float[] row, int label) {
    String event = Topics.row(row);
    return event.substring(0, event.length() - 2)
        + ",{\"name\":\"y\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":["
        + label
        + "]}]}";
  }

  private static String text(ConsumerRecord<byte[], byte[]> record) {
    return new String(record.value(), UTF_8);
  }

  private static LearnedModel with(String name, RecordFormat format) {
    return new LearnedModel(
        name,
        name + ".requests",
        format,
        List.of("a", "b"),
        null,
        online(1),
        1,
        Duration.ofMillis(200));
  }

  private static LearnedModel classifier(String name) {
    var online =
        OnlineConfig.classifier(FEATURES, 2)
            .withNetwork(new OnlineConfig.Network(WINDOW, 4, 0))
            .withTraining(new OnlineConfig.Training(1, 1, 1e-3, 10, 100, 1e-4, 1));
    return new LearnedModel(
        name,
        name + ".requests",
        new RecordFormat.Protocol(),
        List.of("a", "b"),
        "y",
        online,
        1,
        Duration.ofMillis(200));
  }
}
