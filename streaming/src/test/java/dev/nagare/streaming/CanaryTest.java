package dev.nagare.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.models.inference.Precision;
import dev.nagare.models.repository.CanaryShare;
import dev.nagare.models.repository.ModelFile;
import dev.nagare.models.repository.VersionPolicy;
import dev.nagare.streaming.CanaryReport.Side;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CanaryTest {
  private static final Caller ANYBODY = new Caller("", false);

  private final List<String> told = new CopyOnWriteArrayList<>();
  @TempDir private Path folder;
  private LoadedRig rig;
  private LoadedModels models;

  @BeforeEach
  void threeVersions() throws Exception {
    rig =
        new LoadedRig(
            folder,
            new StreamingObserver() {
              @Override
              public void tried(String model, Slot by, boolean answered, long nanos) {
                told.add(model + " " + by.label() + " " + answered);
              }

              @Override
              public void scored(String model, Slot by, boolean right) {
                told.add(model + " " + by.label() + (right ? " right" : " wrong"));
              }
            });
    models = rig.models((found, budget) -> new LoadedRig.Same());
    rig.version("m", 1);
    rig.version("m", 2);
    rig.version("m", 3);
  }

  @AfterEach
  void end() {
    rig.end(models);
    rig.close();
  }

  @Test
  void theFileGivesACanaryItsExactShareOfTheRequestsWithoutAVersion() throws Exception {
    ModelService service = loaded(new CanaryShare(3, 0.25));
    assertThat(service.metadata().versions()).containsExactly("2", "3");
    assertThat(service.status().version()).as("the usual one").isEqualTo(2);
    List<String> versions = versions(service, 40);
    for (int from = 0; from < 40; from += 4) {
      assertThat(versions.subList(from, from + 4)).as("from %s", from).containsOnlyOnce("3");
    }
    rig.ask(service.version("3")).get();
    CanaryReport report = models.canary("m");
    assertThat(report.share()).isEqualTo(0.25);
    assertThat(report.stable().requests()).isEqualTo(30);
    assertThat(report.canary().requests()).as("named ones do not count").isEqualTo(10);
    assertThat(report.canary().meanSeconds()).isPositive();
    assertThat(told.stream().filter("m canary true"::equals)).hasSize(10);
  }

  @Test
  void countsSayWhenTheyBegan() throws Exception {
    Instant before = Instant.now();
    ModelService service = loaded(new CanaryShare(3, 0.5));
    CanaryReport first = models.canary("m");
    assertThat(first.since()).isBetween(before, Instant.now());
    versions(service, 4);
    assertThat(models.canary("m").since()).isEqualTo(first.since());
    Instant again = Instant.now();
    CanaryReport next = models.tryCanary("m", new CanaryShare(1, 0.5)).toCompletableFuture().get();
    assertThat(next.since()).isBetween(again, Instant.now());
    assertThat(next.canary().requests()).isZero();
  }

  @Test
  void failuresCountAgainstTheVersionThatHadTheRequest() throws Exception {
    ModelService service = loaded(new CanaryShare(3, 0.5));
    for (int i = 0; i < 4; i++) {
      LoadedRig.refused(rig.ask(service, "y", new float[] {1}), 400, "y: unknown to model m");
    }
    CanaryReport report = models.canary("m");
    assertThat(report.stable()).isEqualTo(new Side("2", 2, 2, 0, 0, 0));
    assertThat(report.canary()).isEqualTo(new Side("3", 2, 2, 0, 0, 0));
    assertThat(told)
        .containsExactly("m stable false", "m canary false", "m stable false", "m canary false");
  }

  @Test
  void labelsOfAnswersScoreTheVersionThatGaveThem() throws Exception {
    ModelService service = loaded(new CanaryShare(3, 0.5));
    List<InferenceResponse> answers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      // Two rows of three scores: class 2, then class 0.
      answers.add(rig.ask(service, "x", new float[] {0, 1, 2, 9, 1, 2}).get());
    }
    for (InferenceResponse answer : answers) {
      boolean canary = answer.modelVersion().equals("3");
      assertThat(label(service, id(answer), canary ? "[2, 0]" : "[2, 1]"))
          .containsExactly(new LabelReceipt(id(answer), "version-" + answer.modelVersion()));
    }
    CanaryReport report = models.canary("m");
    assertThat((double) report.canary().right() / report.canary().labels()).isEqualTo(1);
    assertThat((double) report.stable().right() / report.stable().labels())
        .isCloseTo(0.5, within(1e-9));
    assertThat(report.stable().labels()).isEqualTo(6);
    assertThat(told).contains("m stable wrong", "m stable right", "m canary right");

    assertThat(label(service, id(answers.getFirst()), "[2, 0]").getFirst().receipt())
        .as("again")
        .isEqualTo("unmatched");
    assertThat(models.canary("m").stable().labels()).isEqualTo(6);
  }

  @Test
  void aLabelThatDoesNotFitIsRefusedAndMayBeGivenAgain() throws Exception {
    ModelService service = loaded(new CanaryShare(3, 0.5));
    String id = id(rig.ask(service, "x", new float[] {0, 1, 2}).get());
    LoadedRig.refused(
        service.label(json(id, "[1, 2]"), ANYBODY), 400, "expected one for each of 1 rows, got 2");
    LoadedRig.refused(
        service.label(json(id, "1"), new Caller("eve", false)),
        403,
        "another principal asked for that prediction");
    LoadedRig.refused(
        service.label(json(id, "-1"), ANYBODY), 400, "label: expected a whole number");
    LoadedRig.refused(
        service.label("{".getBytes(StandardCharsets.UTF_8), ANYBODY), 400, "malformed JSON");
    assertThat(label(service, id, "2").getFirst().receipt()).isEqualTo("version-2");
    assertThat(rig.ask(service).get().parameters())
        .as("an answer without classes")
        .doesNotContainKey("prediction_id");
    models.abandonCanary("m").toCompletableFuture().get();
    LoadedRig.refused(service.label(json(id, "1"), ANYBODY), 501, "while it has a canary");
  }

  @Test
  void aCanaryBeginsByCallAndIsPromoted() throws Exception {
    ModelService service = loaded(null);
    assertThat(versions(service, 2)).containsExactly("3", "3");
    CanaryReport begun = models.tryCanary("m", new CanaryShare(1, 0.5)).toCompletableFuture().get();
    assertThat(begun.stable().version()).isEqualTo("3");
    assertThat(begun.canary().version()).isEqualTo("1");
    assertThat(versions(service, 4)).containsExactly("3", "1", "3", "1");
    CanaryReport last = models.promoteCanary("m").toCompletableFuture().get();
    assertThat(last.canary().requests()).isEqualTo(2);
    assertThat(versions(service, 2)).containsExactly("1", "1");
    assertThat(service.metadata().versions()).as("latest: 1").containsExactly("1");
    noCanary();
    models.load("m").toCompletableFuture().get();
    assertThat(versions(service, 1)).as("the folder decides again").containsExactly("3");
  }

  @Test
  void aCanaryIsAbandonedAndItsVersionLeavesUnlessThePolicyServesIt() throws Exception {
    ModelService service = loaded(null);
    models.tryCanary("m", new CanaryShare(2, 1)).toCompletableFuture().get();
    assertThat(versions(service, 2)).containsExactly("2", "2");
    models.tryCanary("m", new CanaryShare(1, 1)).toCompletableFuture().get();
    assertThat(service.metadata().versions()).as("in the other's place").containsExactly("1", "3");
    models.abandonCanary("m").toCompletableFuture().get();
    assertThat(versions(service, 1)).containsExactly("3");
    assertThat(service.metadata().versions()).containsExactly("3");
    noCanary();

    rig.says("m", new ModelFile(new VersionPolicy.All(), null, Long.MAX_VALUE, Precision.F32));
    models.load("m").toCompletableFuture().get();
    models.tryCanary("m", new CanaryShare(2, 0.5)).toCompletableFuture().get();
    models.load("m").toCompletableFuture().get();
    noCanary(); // a load is the folder's word
    models.tryCanary("m", new CanaryShare(2, 0.5)).toCompletableFuture().get();
    models.abandonCanary("m").toCompletableFuture().get();
    assertThat(service.metadata().versions()).containsExactly("1", "2", "3");
    models.tryCanary("m", new CanaryShare(2, 0.5)).toCompletableFuture().get();
    models.promoteCanary("m").toCompletableFuture().get();
    assertThat(service.metadata().versions()).containsExactly("1", "2", "3");
    assertThat(versions(service, 1)).containsExactly("2");
  }

  @Test
  void aLoadThatFailsLeavesTheCanaryWithItsCounts() throws Exception {
    models.stop();
    models =
        rig.models(
            (found, budget) -> {
              if (found.version() == 4) {
                throw new IOException("half of it is missing");
              }
              return new LoadedRig.Same();
            });
    ModelService service = loaded(new CanaryShare(1, 0.5));
    versions(service, 4);
    rig.version("m", 4);
    LoadedRig.refused(models.load("m"), 400, "version 4 could not be loaded");
    assertThat(versions(service, 2)).containsExactly("3", "1");
    assertThat(models.canary("m").canary().requests()).isEqualTo(3);
  }

  @Test
  void whatIsNoCanaryIsRefused() throws Exception {
    LoadedRig.refused(models.tryCanary("m", new CanaryShare(2, 0.1)), 404, "is not loaded");
    loaded(null);
    LoadedRig.refused(
        models.tryCanary("m", new CanaryShare(3, 0.1)), 400, "version 3 of model 'm' answers");
    LoadedRig.refused(
        models.tryCanary("m", new CanaryShare(9, 0.1)),
        404,
        "model 'm' has no version 9 in the repository; it has [1, 2, 3]");
    LoadedRig.refused(models.promoteCanary("m"), 404, "has no canary");
    LoadedRig.refused(models.abandonCanary("m"), 404, "has no canary");
  }

  private void noCanary() {
    assertThatThrownBy(() -> models.canary("m"))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("model 'm' has no canary; POST /v2/repository/models/m/canary");
  }

  private ModelService loaded(@Nullable CanaryShare canary) throws Exception {
    rig.says("m", new ModelFile(VersionPolicy.NEWEST, canary, Long.MAX_VALUE, Precision.F32));
    models.load("m").toCompletableFuture().get();
    return models.services().getFirst();
  }

  private List<String> versions(ModelService service, int requests) throws Exception {
    List<String> versions = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      versions.add(rig.ask(service).get().modelVersion());
    }
    return versions;
  }

  private static String id(InferenceResponse answer) {
    return String.valueOf(answer.parameters().get("prediction_id"));
  }

  private static byte[] json(String id, String label) {
    return ("{\"id\": \"" + id + "\", \"label\": " + label + "}").getBytes(StandardCharsets.UTF_8);
  }

  private static List<LabelReceipt> label(ModelService service, String id, String label)
      throws Exception {
    return service.label(json(id, label), ANYBODY).toCompletableFuture().get();
  }
}
