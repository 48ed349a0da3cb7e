package dev.nagare.streaming.learn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nagare.models.online.OnlineConfig;
import dev.nagare.models.repository.Reuse;
import dev.nagare.streaming.Caller;
import dev.nagare.streaming.Fate;
import dev.nagare.streaming.LabelFault;
import dev.nagare.streaming.LabelReceipt;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Streaming;
import dev.nagare.streaming.StreamingConfig;
import dev.nagare.streaming.StreamingConfig.Joining;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.StreamingConfig.Unfit;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.Topics;
import dev.nagare.streaming.codec.RecordFormat;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.rehearsal.Rehearsal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** Answers are recorded, labels find them, and an example is made of both, once. */
class JoinIT extends WithBroker {
  private static final int VALUES = FEATURES + 1;
  private static final Joining USUAL =
      new Joining(Duration.ofHours(1), 1000, 1 << 24, Unfit.KEEP, Unfit.KEEP, -1);

  private static final Caller ANYBODY = new Caller("", true);

  private final Map<Fate, Integer> fates = new EnumMap<>(Fate.class);
  private final Map<LabelFault, Integer> faults = new ConcurrentHashMap<>();

  @Test
  void aRecordedAnswerHasAnIdAndItsLabelBecomesAnExampleThatIsLearned() throws Exception {
    try (Streaming streaming = start(model("joined", USUAL))) {
      ModelService model = ready(streaming, "joined");
      InferenceResponse answer = ask(streaming, model, examples(1, 7));
      String id = String.valueOf(answer.parameters().get("prediction_id"));
      assertThat(id).isEqualTo("joined.predictions-0-0");
      assertThat(answer.parameters())
          .containsEntry("trained_through", "joined.examples-0:0")
          .doesNotContainKey("capture");
      List<LabelReceipt> receipts = label(model, "{\"id\":\"" + id + "\",\"label\":1}");
      assertThat(receipts).containsExactly(new LabelReceipt(id, "joined.labels-0-0"));
      await().atMost(LONG).until(() -> model.status().version() == 1);
      assertThat(model.status().learnedExamples()).isEqualTo(1);

      JsonNode record = json(topics.read("joined.predictions").getFirst());
      assertThat(record.get("model_version").asText()).isEqualTo("0");
      JsonNode example = json(topics.read("joined.examples").getFirst());
      System.out.println("EXAMPLE " + example);
      assertThat(example.get("id").asText()).isEqualTo(id);
      assertThat(example.get("label").asInt()).isEqualTo(1);
      assertThat(example.get("model_version").asText()).isEqualTo("0");
      assertThat(example.get("parameters").get("label_receipt").asText())
          .isEqualTo("joined.labels-0-0");
      assertThat(example.get("inputs")).isEqualTo(record.get("inputs"));
      assertThat(example.get("outputs")).isEqualTo(record.get("outputs"));
      assertThat(floats(record)).isEqualTo(answer.outputs().getFirst().floats());
      await().atMost(LONG).until(() -> counted(Fate.JOINED) == 1);
    }
    assertThat(topics.read("joined.predictions")).hasSize(1); // the learner adds none
    assertThat(topics.read("joined.dead-letter")).isEmpty();
  }

  @Test
  void anAnswerThatWasKnownIsRecordedUnderAnIdOfItsOwn() throws Exception {
    try (Streaming streaming = start(model("known", USUAL, Reuse.cache(1 << 20)))) {
      ModelService model = ready(streaming, "known");
      InferenceResponse first = ask(streaming, model, examples(1, 7));
      InferenceResponse again = ask(streaming, model, examples(1, 7));
      assertThat(first.parameters()).doesNotContainKey("cached");
      assertThat(again.parameters()).containsEntry("cached", true);
      assertThat(List.of(id(first), id(again)))
          .containsExactly("known.predictions-0-0", "known.predictions-0-1");
      List<ConsumerRecord<byte[], byte[]>> records = topics.read("known.predictions");
      assertThat(records).hasSize(2);
      assertThat(floats(json(records.getLast()))).isEqualTo(first.outputs().getFirst().floats());
      assertThat(json(records.getLast()).get("inputs"))
          .isEqualTo(json(records.getFirst()).get("inputs"));

      label(model, "{\"id\":\"" + id(again) + "\",\"label\":1}");
      List<InferenceResponse> later = new ArrayList<>();
      await()
          .atMost(LONG)
          .until(
              () -> {
                later.add(ask(streaming, model, examples(1, 7)));
                return later.getLast().modelVersion().equals("1"); // what it has learned counts
              });
      assertThat(later.getLast().parameters()).doesNotContainKey("cached");
      label(model, "{\"id\":\"" + id(first) + "\",\"label\":1}");
      await().atMost(LONG).until(() -> counted(Fate.JOINED) == 2);
    }
  }

  @Test
  void everyLabelHasOneFate() throws Exception {
    try (Streaming streaming = start(model("fates", USUAL))) {
      ModelService model = ready(streaming, "fates");
      String one = id(ask(streaming, model, examples(1, 1)));
      String two = id(ask(streaming, model, examples(2, 2)));
      label(model, "{\"id\":\"" + one + "\",\"label\":0}");
      label(model, "{\"id\":\"" + one + "\",\"label\":1}"); // repeated
      label(model, "{\"id\":\"" + two + "\",\"label\":1}"); // one label for two rows
      label(model, "{\"id\":\"" + two + "\",\"label\":[1,0]}");
      label(model, "{\"id\":\"fates.predictions-0-999\",\"label\":0}"); // unmatched
      topics.send("fates.labels", "no label");
      topics.send("fates.labels", "{\"id\":\"" + one + "\",\"label\":7}");
      topics.send("fates.labels", "{\"id\":\"other.predictions-0-0\",\"label\":1}");
      topics.sendTombstone("fates.labels");
      await().atMost(LONG).until(() -> counted() == 9);
      await().atMost(LONG).until(() -> model.status().learnedExamples() == 3);
    }
    assertThat(fates)
        .isEqualTo(Map.of(Fate.JOINED, 2, Fate.REPEATED, 1, Fate.INVALID, 4, Fate.UNMATCHED, 2));
    List<ConsumerRecord<byte[], byte[]>> letters = topics.read("fates.dead-letter");
    assertThat(letters.stream().map(letter -> header(letter, "offset") + header(letter, "kind")))
        .containsExactly(
            "1repeated",
            "2invalid",
            "4unmatched",
            "5invalid",
            "6invalid",
            "7unmatched",
            "8invalid");
    assertThat(letters).allSatisfy(l -> assertThat(header(l, "topic")).isEqualTo("fates.labels"));
    assertThat(header(letters.get(1), "reason"))
        .isEqualTo("expected 2 labels, one for each row, got 1");
    assertThat(header(letters.get(3), "reason")).contains("malformed JSON");
    assertThat(topics.read("fates.examples")).hasSize(3);
    assertThat(json(topics.read("fates.examples").get(2)).get("row").asInt()).isEqualTo(1);
  }

  @Test
  void whatIsForgottenIsTheOldestAndItsLabelIsLate() throws Exception {
    var few = new Joining(Duration.ofHours(1), 3, 1 << 24, Unfit.NOTE, Unfit.KEEP, -1);
    try (Streaming streaming = start(model("few", few))) {
      ModelService model = ready(streaming, "few");
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        ids.add(id(ask(streaming, model, examples(1, i))));
      }
      // The newest first: when it is judged, all five were read, and the oldest two forgotten.
      for (String id : List.of(ids.get(4), ids.get(0), ids.get(1), ids.get(2), ids.get(3))) {
        label(model, "{\"id\":\"" + id + "\",\"label\":1}");
      }
      await().atMost(LONG).until(() -> counted() == 5);
    }
    assertThat(fates).isEqualTo(Map.of(Fate.JOINED, 3, Fate.LATE, 2));
    List<ConsumerRecord<byte[], byte[]>> letters = topics.read("few.dead-letter");
    assertThat(letters).hasSize(2).allSatisfy(l -> assertThat(l.value()).isNull());
    assertThat(header(letters.getFirst(), "kind")).isEqualTo("late");
  }

  @Test
  void aPredictionWhoseLabelDoesNotComeInTimeGetsTheUsualOne() throws Exception {
    var hasty = new Joining(Duration.ofMillis(300), 1000, 1 << 24, Unfit.KEEP, Unfit.KEEP, 0);
    try (Streaming streaming = start(model("hasty", hasty))) {
      ModelService model = ready(streaming, "hasty");
      String first = id(ask(streaming, model, examples(1, 1)));
      // Time is that of the records: it goes on when another one comes.
      await()
          .atMost(LONG)
          .until(
              () -> {
                ask(streaming, model, examples(1, 2));
                return !topics.read("hasty.examples").isEmpty();
              });
      label(model, "{\"id\":\"" + first + "\",\"label\":1}");
      await().atMost(LONG).until(() -> counted(Fate.LATE) == 1);
      JsonNode example = json(topics.read("hasty.examples").getFirst());
      assertThat(example.get("id").asText()).isEqualTo(first);
      assertThat(example.get("label").asInt()).isZero();
      assertThat(example.get("parameters").get("unlabelled").asBoolean()).isTrue();
    }
  }

  @Test
  void aRestartRemembersWhoWaitsAndWhoHasItsLabel() throws Exception {
    var random = new Random(5);
    List<String> ids = new ArrayList<>();
    Map<String, Integer> given = new TreeMap<>();
    int lives = 4;
    int each = 12;
    for (int life = 0; life < lives; life++) {
      try (Streaming streaming = start(model("lives", USUAL))) {
        ModelService model = ready(streaming, "lives");
        for (int i = 0; i < each; i++) {
          ids.add(id(ask(streaming, model, examples(1, i))));
          String id = ids.get(random.nextInt(ids.size()));
          label(model, "{\"id\":\"" + id + "\",\"label\":1}");
          given.merge(id, 1, Integer::sum);
        }
        // Half of the lives end before the join has seen all labels.
        int labels = (life + 1) * each;
        if (life % 2 == 0 || life == lives - 1) {
          await().atMost(LONG).until(() -> recorded("lives") == labels);
        }
      }
    }
    List<ConsumerRecord<byte[], byte[]>> examples = topics.read("lives.examples");
    assertThat(examples.stream().map(example -> new String(example.key(), UTF_8)))
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(given.keySet());
    assertThat(topics.read("lives.dead-letter"))
        .hasSize(lives * each - given.size())
        .allSatisfy(letter -> assertThat(header(letter, "kind")).isEqualTo("repeated"));
  }

  @Test
  void afterAStandstillALabelThatWasInTimeIsInTime() throws Exception {
    // Nobody joins for a day, in which predictions go on; the label came a minute after its own.
    var patient = new Joining(Duration.ofHours(1), 1000, 1 << 24, Unfit.KEEP, Unfit.KEEP, -1);
    makeTopics("still", patient);
    long then = 1_700_000_000_000L;
    long minute = 60_000;
    sendPrediction("still", 0, then);
    sendPrediction("still", 1, then + 24 * 60 * minute);
    sendLabel("still", 0, then + minute);
    sendLabel("still", 1, then + 24 * 60 * minute + minute);
    try (Streaming streaming = start(model("still", patient))) {
      await().atMost(LONG).until(() -> counted() == 2);
      assertThat(fates).isEqualTo(Map.of(Fate.JOINED, 2));
      // The time of the second label is what the join has come to: the first is forgotten now.
      label(ready(streaming, "still"), "{\"id\":\"still.predictions-0-0\",\"label\":1}");
      await().atMost(LONG).until(() -> counted(Fate.LATE) == 1);
    }
  }

  @Test
  void whatWasPredictedMeanwhileMakesNobodyForget() throws Exception {
    var few = new Joining(Duration.ofHours(1), 2, 1 << 24, Unfit.KEEP, Unfit.KEEP, -1);
    makeTopics("crowd", few);
    long now = System.currentTimeMillis();
    for (int i = 0; i < 8; i++) {
      sendPrediction("crowd", i, now + i);
      sendLabel("crowd", i, now + i);
    }
    try (Streaming streaming = start(model("crowd", few))) {
      assertThat(streaming.model("crowd")).isPresent();
      await().atMost(LONG).until(() -> counted() == 8);
    }
    assertThat(fates).isEqualTo(Map.of(Fate.JOINED, 8));
  }

  @Test
  void manyLabelsAreJoinedInTheirOrderEachOnceThoughTheJoinStopsOnTheWay() throws Exception {
    var many = new Joining(Duration.ofHours(1), 2000, 1 << 24, Unfit.KEEP, Unfit.KEEP, -1);
    makeTopics("many", many);
    long now = System.currentTimeMillis();
    int labels = 1300;
    for (int i = 0; i < labels; i++) {
      sendPrediction("many", i, now + i);
      sendLabel("many", i, now + i);
    }
    for (int life = 0; life < 2; life++) {
      int enough = life == 0 ? 1 : labels;
      try (Streaming streaming = start(model("many", many))) {
        assertThat(streaming.model("many")).isPresent();
        await().atMost(LONG).until(() -> counted(Fate.JOINED) >= enough);
      }
    }
    List<String> expected =
        IntStream.range(0, labels).mapToObj(i -> "many.predictions-0-" + i).toList();
    assertThat(topics.read("many.examples").stream().map(e -> new String(e.key(), UTF_8)))
        .containsExactlyElementsOf(expected);
    assertThat(fates).isEqualTo(Map.of(Fate.JOINED, labels));
  }

  @Test
  void aLabelOfAPredictionThatNeverWasTakesNoTurns() throws Exception {
    var few = new Joining(Duration.ofHours(1), 2, 1 << 24, Unfit.KEEP, Unfit.KEEP, -1);
    makeTopics("forged", few);
    long now = System.currentTimeMillis();
    for (int i = 0; i < 4; i++) {
      sendPrediction("forged", i, now + i);
    }
    sendLabel("forged", 999_999, now);
    sendLabel("forged", 0, now + 1);
    try (Streaming streaming = start(model("forged", few))) {
      assertThat(streaming.model("forged")).isPresent();
      await().atMost(LONG).until(() -> counted() == 2);
    }
    assertThat(fates).isEqualTo(Map.of(Fate.UNMATCHED, 1, Fate.JOINED, 1));
  }

  @Test
  void aLabelIsJoinedIfItsGiverAskedForThePredictionOrMayLabelAny() throws Exception {
    try (Streaming streaming = start(model("owned", USUAL))) {
      ModelService model = ready(streaming, "owned");
      String anns = id(ask(streaming, model, examples(1, 1), "ann"));
      String bobs = id(ask(streaming, model, examples(1, 2), "bob"));
      String nobodys = id(ask(streaming, model, examples(1, 3)));
      var ann = new Caller("ann", false);
      label(model, "{\"id\":\"" + bobs + "\",\"label\":1}", ann);
      label(model, "{\"id\":\"" + nobodys + "\",\"label\":1}", ann);
      label(model, "{\"id\":\"" + anns + "\",\"label\":1}", ann);
      await().atMost(LONG).until(() -> counted() == 3);
      assertThat(fates).isEqualTo(Map.of(Fate.JOINED, 1, Fate.INVALID, 2));
      assertThat(faults).isEqualTo(Map.of(LabelFault.OWNER, 2));
      // The predictions went on waiting for a label of somebody who may.
      label(model, "{\"id\":\"" + bobs + "\",\"label\":0}", new Caller("ann", true));
      label(model, "{\"id\":\"" + nobodys + "\",\"label\":0}", new Caller("", false));
      await().atMost(LONG).until(() -> counted(Fate.JOINED) == 3);
    }
    List<ConsumerRecord<byte[], byte[]>> letters = topics.read("owned.dead-letter");
    assertThat(letters)
        .hasSize(2)
        .allSatisfy(
            letter ->
                assertThat(header(letter, "reason"))
                    .isEqualTo("the prediction was asked for by another principal"));
    assertThat(header(topics.read("owned.predictions").getFirst(), "nagare-principal"))
        .isEqualTo("ann");
    assertThat(json(topics.read("owned.predictions").getFirst()).toString()).doesNotContain("ann");
  }

  @Test
  void aRestartRemembersWhosePredictionItIs() throws Exception {
    String id;
    try (Streaming streaming = start(model("kept", USUAL))) {
      id = id(ask(streaming, ready(streaming, "kept"), examples(1, 1), "ann"));
    }
    try (Streaming streaming = start(model("kept", USUAL))) {
      ModelService model = ready(streaming, "kept");
      label(model, "{\"id\":\"" + id + "\",\"label\":1}", new Caller("bob", false));
      label(model, "{\"id\":\"" + id + "\",\"label\":1}", new Caller("ann", false));
      await().atMost(LONG).until(() -> counted() == 2);
    }
    assertThat(fates).isEqualTo(Map.of(Fate.INVALID, 1, Fate.JOINED, 1));
  }

  @Test
  void aLearnerOfExamplesGoesOnWithTheSameBits() throws Exception {
    for (String name : List.of("once", "again")) {
      for (int life = 0; life < (name.equals("once") ? 1 : 3); life++) {
        int to = name.equals("once") ? 30 : 10 * (life + 1);
        try (Streaming streaming = start(model(name, USUAL))) {
          ModelService model = ready(streaming, name);
          for (int i = name.equals("once") ? 0 : to - 10; i < to; i++) {
            // The version that answers stands in the example; here it is always the first.
            topics.send(name + ".examples", example(name, i));
          }
          await().atMost(LONG).until(() -> model.status().learnedExamples() > 0);
          await().atMost(LONG).until(() -> offset(streaming, name) == to);
        }
      }
    }
    assertThat(newest("again").get("state_hash")).isEqualTo(newest("once").get("state_hash"));
    assertThat(newest("again").get("step").asLong()).isEqualTo(30);
  }

  @Test
  void whatCannotBeALabelIsRefusedAtTheDoor() throws Exception {
    try (Streaming streaming = start(model("strict", USUAL))) {
      ModelService model = ready(streaming, "strict");
      refused(() -> label(model, "no json"), 400, "malformed JSON");
      refused(() -> label(model, "{\"label\":1}"), 400, "id: expected the text of a prediction_id");
      refused(
          () -> label(model, "{\"id\":\"strict.predictions-0-0\",\"label\":2}"),
          400,
          "label: expected a whole number from 0 to 1, got 2");
      refused(
          () -> label(model, "{\"labels\":[{\"id\":\"else-0-0\",\"label\":1}]}"),
          400,
          "labels[0]: id: expected a prediction_id such as strict.predictions-0-17, got else-0-0");
      refused(
          () -> model.learn(Topics.row(1, 2).getBytes(UTF_8)).toCompletableFuture().join(),
          501,
          "give the answer's prediction_id a label with labels (Labels in gRPC)");
    }
    assertThat(topics.read("strict.labels")).isEmpty();
  }

  @Test
  void withoutCaptureAnAnswerSaysThatItCannotBeLabelled() {
    try (Streaming streaming = start(config(data, null, "plain"), FAKES)) {
      ModelService model = streaming.model("plain").orElseThrow();
      assertThat(ask(streaming, model, window(1)).parameters())
          .containsEntry("capture", "off")
          .containsKey("trained_through")
          .doesNotContainKey("prediction_id");
      refused(
          () -> label(model, "{\"id\":\"plain.predictions-0-0\",\"label\":1}"),
          501,
          "labels of predictions need examples: joined in the start-up file");
    }
  }

  private interface Call {
    Object run();
  }

  private static void refused(Call call, int status, String message) {
    assertThatThrownBy(call::run)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            ProtocolException.class, e -> assertThat(e.status()).isEqualTo(status))
        .hasMessageContaining(message);
  }

  private Streaming start(LearnedModel model) {
    var told =
        new StreamingObserver() {
          @Override
          public void labelled(String name, Fate fate, int labels) {
            synchronized (fates) {
              fates.merge(fate, labels, Integer::sum);
            }
          }

          @Override
          public void invalidLabels(String name, LabelFault why, int labels) {
            faults.merge(why, labels, Integer::sum);
          }
        };
    return Streaming.start(
        new StreamingConfig(
            kafka(), 1, 16, 256, Duration.ofSeconds(1), 1 << 24, data, null, List.of(model)),
        told,
        Rehearsal.NONE);
  }

  private int counted() {
    synchronized (fates) {
      return fates.values().stream().mapToInt(Integer::intValue).sum();
    }
  }

  private int counted(Fate fate) {
    synchronized (fates) {
      return fates.getOrDefault(fate, 0);
    }
  }

  private static int recorded(String name) throws Exception {
    return topics.read(name + ".examples").size() + topics.read(name + ".dead-letter").size();
  }

  private static ModelService ready(Streaming streaming, String name) {
    ModelService model = streaming.model(name).orElseThrow();
    await()
        .atMost(LONG)
        .until(() -> model.status().learning() && model.status().degraded() == null);
    return model;
  }

  private static String id(InferenceResponse answer) {
    return String.valueOf(answer.parameters().get("prediction_id"));
  }

  private static List<LabelReceipt> label(ModelService model, String labels) {
    return label(model, labels, ANYBODY);
  }

  private static List<LabelReceipt> label(ModelService model, String labels, Caller caller) {
    return model.label(labels.getBytes(UTF_8), caller).toCompletableFuture().join();
  }

  private static InferenceResponse ask(Streaming streaming, ModelService model, String request) {
    return ask(streaming, model, request, "");
  }

  private static InferenceResponse ask(
      Streaming streaming, ModelService model, String request, String principal) {
    return model
        .infer(
            streaming.codec().decode(request.getBytes(UTF_8)),
            Terms.of(Terms.Priority.INTERACTIVE).by(principal))
        .toCompletableFuture()
        .join();
  }

  /** A question of some rows. */
  private static String examples(int rows, int seed) {
    float[] values = new float[rows * WINDOW * VALUES];
    var random = new Random(seed);
    for (int i = 0; i < values.length; i++) {
      values[i] = i % VALUES == FEATURES ? -1 : random.nextFloat();
    }
    return Topics.window(WINDOW, VALUES, values);
  }

  private void makeTopics(String name, Joining joining) {
    try (Streaming streaming = start(model(name, joining))) {
      ready(streaming, name);
    }
  }

  private static void sendPrediction(String model, int seed, long timestampMillis)
      throws Exception {
    String window = examples(1, seed);
    topics.send(
        model + ".predictions",
        window.substring(0, window.length() - 1)
            + ",\"model_name\":\""
            + model
            + "\",\"model_version\":\"0\",\"outputs\":[{\"name\":\"probabilities\","
            + "\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[0.25,0.75]}]}",
        timestampMillis,
        Map.of("nagare-captured", "sync"));
  }

  private static void sendLabel(String model, int offset, long timestampMillis) throws Exception {
    topics.send(
        model + ".labels",
        "{\"id\":\"" + model + ".predictions-0-" + offset + "\",\"label\":1}",
        timestampMillis,
        Map.of());
  }

  private static String example(String model, int seed) {
    String window = examples(1, seed);
    return window.substring(0, window.length() - 1)
        + ",\"id\":\""
        + model
        + ".predictions-0-"
        + seed
        + "\",\"outputs\":[{\"name\":\"probabilities\",\"datatype\":\"FP32\",\"shape\":[1,2],"
        + "\"data\":[0.25,0.75]}],\"label\":"
        + seed % 2
        + "}";
  }

  private static JsonNode json(ConsumerRecord<byte[], byte[]> record) throws Exception {
    return JSON.readTree(record.value());
  }

  private static LearnedModel model(String name, Joining joining) {
    return model(name, joining, Reuse.NONE);
  }

  private static LearnedModel model(String name, Joining joining, Reuse reuse) {
    var online =
        OnlineConfig.classifier(FEATURES, 2)
            .withTask(new OnlineConfig.Task.ClassifyExamples(2))
            .withNetwork(new OnlineConfig.Network(WINDOW, 4, 0))
            .withTraining(new OnlineConfig.Training(1, 1, 1e-3, 10, 100, 1e-4, 1));
    return new LearnedModel(
        name,
        name + ".examples",
        new RecordFormat.Protocol(),
        List.of("a", "b"),
        "label",
        online,
        1,
        Duration.ofMillis(200),
        true,
        joining,
        reuse);
  }
}
