package dev.nagare.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nagare.models.inference.InferenceModel;
import dev.nagare.models.inference.Precision;
import dev.nagare.models.inference.TensorSpec;
import dev.nagare.models.repository.CanaryShare;
import dev.nagare.models.repository.ModelFile;
import dev.nagare.models.repository.Reuse;
import dev.nagare.models.repository.VersionPolicy;
import dev.nagare.streaming.CanaryReport.Comparison;
import dev.nagare.streaming.CanaryReport.Side;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ShadowTest {
  private static final Caller ANYBODY = new Caller("", false);
  private static final Duration PATIENCE = Duration.ofSeconds(50);
  private static final CanaryShare ALL = new CanaryShare(2, 1, true);

  private final List<String> told = new CopyOnWriteArrayList<>();
  private final List<String> runs = new CopyOnWriteArrayList<>();
  private final CountDownLatch entered = new CountDownLatch(1);
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private volatile String gated = "2";
  @TempDir private Path folder;
  private LoadedRig rig;
  private LoadedModels models;

  @BeforeEach
  void threeVersionsOfWhichTheSecondAnswersTheOpposite() throws Exception {
    rig =
        new LoadedRig(
            folder,
            new StreamingObserver() {
              @Override
              public void tried(String model, Slot by, boolean answered, long nanos) {
                told.add(by.label() + (answered ? " answered" : " failed"));
              }

              @Override
              public void scored(String model, Slot by, boolean right) {
                told.add(by.label() + (right ? " right" : " wrong"));
              }

              @Override
              public void shadowDropped(String model) {
                told.add("dropped");
              }

              @Override
              public void compared(String model, int rows, int agreeing) {
                told.add("agree " + agreeing + " of " + rows);
              }
            });
    models = rig.models((found, budget) -> new Signed(found.version() == 2 ? -1 : 1));
    rig.version("m", 1);
    rig.version("m", 2);
    rig.version("m", 3);
  }

  @AfterEach
  void end() {
    gate.countDown();
    rig.end(models);
    rig.close();
  }

  @Test
  void callersGetTheAnswersOfTheOtherVersionAndTheShadowsAreCompared() throws Exception {
    ModelService service = loaded(ALL);
    assertThat(service.metadata().versions()).containsExactly("2", "3");
    for (int i = 0; i < 3; i++) {
      InferenceResponse answer = rig.ask(service, "x", new float[] {1, 2, 3, 0, 0, 0}).get();
      assertThat(answer.modelVersion()).isEqualTo("3");
      assertThat(answer.outputs().getFirst().floats()).containsExactly(1, 2, 3, 0, 0, 0);
    }
    rig.ask(service.version("3"), "x", new float[] {1, 2, 3}).get(); // names one: no copy
    rig.ask(service.version("2"), "x", new float[] {1, 2, 3}).get();
    awaitCompared(3);
    // Class 2 against class 0, and class 0 in both; 3 against -3.
    assertThat(comparison()).isEqualTo(new Comparison(0, 3, 0, 6, 3, 6));
    CanaryReport report = models.canary("m");
    assertThat(report.share()).isEqualTo(1);
    assertThat(report.stable().version()).isEqualTo("3");
    assertThat(report.stable().requests()).isEqualTo(3);
    await().atMost(PATIENCE).until(() -> models.canary("m").canary().requests() == 3);
    assertThat(models.canary("m").canary().meanSeconds()).isPositive();
    assertThat(told).contains("stable answered", "shadow answered", "agree 1 of 2");
    assertThat(told).doesNotContain("dropped", "canary answered");
  }

  @Test
  void itGetsCopiesOfItsExactShare() throws Exception {
    ModelService service = loaded(new CanaryShare(2, 0.25, true));
    for (int i = 0; i < 40; i++) {
      assertThat(rig.ask(service, "x", new float[] {i, 1, 2}).get().modelVersion()).isEqualTo("3");
    }
    awaitCompared(10);
    assertThat(models.canary("m").stable().requests()).isEqualTo(40);
  }

  @Test
  void whatItAsksGoesAfterEverythingElseAndIsDroppedWhenThereIsNoRoom() throws Exception {
    ModelService service = loaded(ALL);
    gated = "3";
    gate = new CountDownLatch(1); // on the only lane
    int callers = Shadowing.MOST_COPIES + 7;
    List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      answers.add(rig.ask(service, "x", new float[] {100 + i, 1, 2}));
      entered.await(); // the first is computed, the others wait
    }
    assertThat(comparison().dropped()).isEqualTo(7); // for want of room
    gate.countDown();
    for (int i = 0; i < callers; i++) {
      assertThat(answers.get(i).get().outputs().getFirst().floats()).startsWith(100 + i);
    }
    await()
        .atMost(PATIENCE)
        .until(() -> comparison().compared() + comparison().dropped() == callers);
    // The first run was held up: if for long, what waits is expected to take too long for some.
    int compared = (int) comparison().compared();
    assertThat(compared).isBetween(1, Shadowing.MOST_COPIES);
    List<String> expected = new ArrayList<>(Collections.nCopies(callers, "3"));
    expected.addAll(Collections.nCopies(compared, "2"));
    assertThat(runs).isEqualTo(expected);
    assertThat(told.stream().filter("dropped"::equals)).hasSize(callers - compared);
    assertThat(models.canary("m").stable().failures()).isZero();
    rig.ask(service, "x", new float[] {0, 1, 2}).get();
    awaitCompared(compared + 1); // there is room again
  }

  @Test
  void copiesHaveSoManyBytesAndNoMore() throws Exception {
    ModelService service = loaded(ALL);
    var shadow = (ServedVersion) service.version("2");
    var shadowing = new Shadowing(shadow, ALL, rig.told(), (callers, own, nanos) -> {}, 1 << 11);
    try (InferenceRequest request = rig.request()) {
      InferenceRequest one = Objects.requireNonNull(shadowing.copy(request)); // 1 KiB each
      InferenceRequest two = Objects.requireNonNull(shadowing.copy(request));
      assertThat(shadowing.copy(request)).isNull();
      assertThat(shadowing.comparison().dropped()).isOne();
      assertThat(one.inputs().getFirst().data().get(0)).isEqualTo(5);
      shadowing.giveBack(one);
      shadowing.giveBack(Objects.requireNonNull(shadowing.copy(request)));
      shadowing.giveBack(two);
    }
    assertThat(shadowing.copies()).isZero();
    assertThat(shadowing.bytes()).isZero();
  }

  @Test
  void itsFailuresAreItsOwnAndWhatCallersGotWrongIsNotAsked() throws Exception {
    ModelService service = loaded(ALL);
    LoadedRig.refused(rig.ask(service, "y", new float[] {1}), 400, "y: unknown to model m");
    float[] bad = {13, 1, 2}; // which only the shadow refuses
    assertThat(rig.ask(service, "x", bad).get().outputs().getFirst().floats()).startsWith(13);
    await().atMost(PATIENCE).until(() -> models.canary("m").canary().failures() == 1);
    assertThat(models.canary("m").stable().requests()).isEqualTo(2);
    assertThat(models.canary("m").stable().failures()).isOne();
    assertThat(models.canary("m").canary()).isEqualTo(new Side("2", 1, 1, 0, 0, 0));
    assertThat(comparison()).isEqualTo(new Comparison(0, 0, 0, 0, 0, 0));
  }

  @Test
  void aLabelScoresBothIfTheShadowHasAnswered() throws Exception {
    ModelService service = loaded(ALL);
    InferenceResponse answer = rig.ask(service, "x", new float[] {0, 1, 2}).get();
    await().atMost(PATIENCE).until(() -> models.canary("m").canary().requests() == 1);
    assertThat(label(service, id(answer), 2)).isEqualTo("version-3");
    assertThat(models.canary("m").stable().right()).isOne();
    assertThat(models.canary("m").canary().labels()).isOne();
    assertThat(models.canary("m").canary().right()).isZero();
    assertThat(told).contains("stable right", "shadow wrong");

    gate = new CountDownLatch(1);
    InferenceResponse early = rig.ask(service, "x", new float[] {0, 1, 2}).get();
    assertThat(label(service, id(early), 2)).isEqualTo("version-3");
    gate.countDown();
    await().atMost(PATIENCE).until(() -> models.canary("m").canary().requests() == 2);
    assertThat(models.canary("m").stable().labels()).isEqualTo(2);
    assertThat(models.canary("m").canary().labels()).as("the label came first").isOne();
  }

  @Test
  void aShadowBeginsByCallAndIsPromotedOrAbandonedLikeACanary() throws Exception {
    models.load("m").toCompletableFuture().get();
    ModelService service = models.services().getFirst();
    CanaryReport begun = models.tryCanary("m", ALL).toCompletableFuture().get();
    assertThat(begun.canary().version()).isEqualTo("2");
    assertThat(begun.comparison()).isEqualTo(new Comparison(0, 0, 0, 0, 0, 0));
    assertThat(rig.ask(service).get().modelVersion()).isEqualTo("3");
    CanaryReport canary = models.tryCanary("m", new CanaryShare(2, 1)).toCompletableFuture().get();
    assertThat(canary.comparison()).as("in its place").isNull();
    assertThat(rig.ask(service).get().modelVersion()).isEqualTo("2");
    models.tryCanary("m", ALL).toCompletableFuture().get();
    models.promoteCanary("m").toCompletableFuture().get();
    assertThat(rig.ask(service).get().modelVersion()).isEqualTo("2");
    models.tryCanary("m", new CanaryShare(1, 1, true)).toCompletableFuture().get();
    models.abandonCanary("m").toCompletableFuture().get();
    assertThat(service.metadata().versions()).containsExactly("2");
    LoadedRig.refused(
        models.tryCanary("m", new CanaryShare(9, 1, true)),
        404,
        "shadow: model 'm' has no version");
    LoadedRig.refused(
        models.tryCanary("m", ALL), 400, "shadow: version 2 of model 'm' answers already");
  }

  @Test
  void aShadowThatIsTakenAwayMeanwhileIsNoFault() throws Exception {
    ModelService service = loaded(ALL);
    gate = new CountDownLatch(1);
    rig.ask(service, "x", new float[] {0, 1, 2}).get();
    entered.await();
    CompletableFuture<InferenceResponse> waits = rig.ask(service, "x", new float[] {3, 1, 2});
    models.abandonCanary("m").toCompletableFuture().get();
    gate.countDown();
    assertThat(waits.get().modelVersion()).isEqualTo("3");
    await().atMost(PATIENCE).until(() -> told.contains("dropped"));
    assertThat(told).doesNotContain("shadow failed");
    LoadedRig.refused(rig.ask(service, "y", new float[] {1}), 400, "y: unknown to model m");
  }

  @Test
  void anAnswerThatWasKnownIsComparedToo() throws Exception {
    rig.says(
        "m",
        new ModelFile(
            VersionPolicy.NEWEST, ALL, Long.MAX_VALUE, Precision.F32, Reuse.cache(1 << 20)));
    models.load("m").toCompletableFuture().get();
    ModelService service = models.services().getFirst();
    for (int i = 0; i < 3; i++) {
      InferenceResponse answer = rig.ask(service, "x", new float[] {0, 1, 2}).get();
      assertThat(answer.parameters().containsKey("cached")).isEqualTo(i > 0);
    }
    awaitCompared(3);
    assertThat(runs.stream().filter("2"::equals)).as("the shadow computes").hasSize(3);
    assertThat(runs.stream().filter("3"::equals)).hasSize(1);
  }

  private void awaitCompared(int answers) {
    await().atMost(PATIENCE).until(() -> comparison().compared() == answers);
  }

  private Comparison comparison() {
    return Objects.requireNonNull(models.canary("m").comparison());
  }

  private ModelService loaded(CanaryShare share) throws Exception {
    rig.says("m", new ModelFile(VersionPolicy.NEWEST, share, Long.MAX_VALUE, Precision.F32));
    models.load("m").toCompletableFuture().get();
    return models.services().getFirst();
  }

  private static String id(InferenceResponse answer) {
    return String.valueOf(answer.parameters().get("prediction_id"));
  }

  private static String label(ModelService service, String id, int label) throws Exception {
    byte[] body =
        ("{\"id\": \"" + id + "\", \"label\": " + label + "}").getBytes(StandardCharsets.UTF_8);
    return service.label(body, ANYBODY).toCompletableFuture().get().getFirst().receipt();
  }

  /** Answers what it is asked, or, as version 2, the opposite, which waits for the gate. */
  private final class Signed implements InferenceModel {
    private final LoadedRig.Same like = new LoadedRig.Same();
    private final float sign;

    Signed(float sign) {
      this.sign = sign;
    }

    @Override
    public String platform() {
      return like.platform();
    }

    @Override
    public List<TensorSpec> inputs() {
      return like.inputs();
    }

    @Override
    public List<TensorSpec> outputs() {
      return like.outputs();
    }

    @Override
    public Size size(List<Tensor> tensors) {
      return like.size(tensors);
    }

    @Override
    public Session open() {
      var memory = new ProcessMemory("signed");
      return new Session() {
        @Override
        public List<List<Tensor>> run(List<List<Tensor>> questions) {
          String version = sign < 0 ? "2" : "3";
          runs.add(version);
          if (version.equals(gated)) {
            entered.countDown();
            LoadedRig.uninterrupted(gate);
          }
          return questions.stream()
              .map(inputs -> List.of(signed(memory.copyOf(inputs.getFirst()))))
              .toList();
        }

        @Override
        public void close() {
          memory.close();
        }
      };
    }

    private Tensor signed(Tensor tensor) {
      if (sign < 0 && tensor.get(0) == 13) {
        throw TensorException.mismatch("13");
      }
      for (long i = 0; i < tensor.elements(); i++) {
        tensor.set(i, sign * tensor.get(i));
      }
      return tensor;
    }

    @Override
    public void close() {
      like.close();
    }
  }
}
