package dev.nagare.streaming;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.models.inference.Precision;
import dev.nagare.models.repository.CanaryShare;
import dev.nagare.models.repository.ModelFile;
import dev.nagare.models.repository.Reuse;
import dev.nagare.models.repository.VersionPolicy;
import dev.nagare.streaming.protocol.InferenceResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Answers of models of the repository that are given again. */
@Timeout(60)
class ResponseCacheTest {
  private static final long BYTES = 1 << 20;

  private final AtomicInteger batches = new AtomicInteger();
  private final AtomicInteger loads = new AtomicInteger();
  @TempDir private Path folder;
  private LoadedRig rig;
  private LoadedModels models;

  @BeforeEach
  void twoVersions() throws Exception {
    rig =
        new LoadedRig(
            folder,
            new StreamingObserver() {
              @Override
              public void batch(String model, int questions, int rows, long computeNanos) {
                batches.incrementAndGet();
              }
            });
    models =
        rig.models(
            (found, budget) -> {
              loads.incrementAndGet();
              return new LoadedRig.Same();
            });
    rig.version("m", 1);
    rig.version("m", 2);
  }

  @AfterEach
  void end() {
    rig.end(models);
    rig.close();
  }

  @Test
  void theSameIsComputedOnceWhoeverAsksTheVersion() throws Exception {
    ModelService service = loaded(null, Long.MAX_VALUE);
    assertThat(service.remembersAnswers()).isTrue();
    assertThat(rig.ask(service).get().parameters()).isEmpty();
    assertThat(rig.ask(service).get().parameters()).isEqualTo(Map.of("cached", true));
    assertThat(rig.ask(service.version("2")).get().parameters()).containsKey("cached");
    assertThat(batches).hasValue(1);
    assertThat(rig.ask(service, "x", new float[] {6}).get().outputs().getFirst().floats())
        .containsExactly(6);
    assertThat(batches).hasValue(2);
  }

  @Test
  void withoutItEveryRequestIsComputed() throws Exception {
    models.load("m").toCompletableFuture().get();
    ModelService service = models.services().getFirst();
    assertThat(service.remembersAnswers()).isFalse();
    for (int i = 0; i < 3; i++) {
      assertThat(rig.ask(service).get().parameters()).isEmpty();
    }
    assertThat(batches).hasValue(3);
  }

  @Test
  void aNewVersionAndAnUnloadForgetTheAnswersOfTheOld() throws Exception {
    ModelService service = loaded(null, Long.MAX_VALUE);
    rig.ask(service).get();
    rig.version("m", 3);
    models.load("m").toCompletableFuture().get();
    InferenceResponse next = rig.ask(service).get();
    assertThat(next.modelVersion()).isEqualTo("3");
    assertThat(next.parameters()).isEmpty();
    assertThat(rig.ask(service).get().parameters()).containsKey("cached");
    models.unload("m").toCompletableFuture().get();
    LoadedRig.refused(rig.ask(service), 503, "it was unloaded");
    models.load("m").toCompletableFuture().get();
    assertThat(rig.ask(models.services().getFirst()).get().parameters()).isEmpty();
  }

  @Test
  void aCanaryHasItsExactShareOfRequestsThatAreKnownToo() throws Exception {
    ModelService service = loaded(new CanaryShare(1, 0.25), Long.MAX_VALUE);
    List<String> answers = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      InferenceResponse answer = rig.ask(service, "x", new float[] {0, 1, 2}).get();
      answers.add(answer.modelVersion());
      assertThat(answer.parameters().containsKey("cached")).as("%s", i).isEqualTo(i > 0 && i != 3);
      assertThat(answer.parameters()).as("each may be labelled").containsKey("prediction_id");
    }
    for (int from = 0; from < 40; from += 4) {
      assertThat(answers.subList(from, from + 4)).as("from %s", from).containsOnlyOnce("1");
    }
    assertThat(batches).as("once for each version").hasValue(2);
    CanaryReport report = models.canary("m");
    assertThat(report.stable().requests()).isEqualTo(30);
    assertThat(report.canary().requests()).isEqualTo(10);
  }

  @Test
  void itsBytesCountAmongThoseOfTheModel() throws Exception {
    rig.says("m", says(null, BYTES - 1));
    LoadedRig.refused(
        models.load("m"),
        400,
        "the cache of version 2 needs 1048576 bytes; the versions of m hold 0 of at most 1048575"
            + " (memory-limit-bytes in its model.yaml");
    loaded(null, BYTES);
    rig.version("m", 3);
    LoadedRig.refused(models.load("m"), 400, "the cache of version 3 needs 1048576 bytes");
  }

  @Test
  void whatIsSaidOfItCountsWithTheNextLoad() throws Exception {
    models.load("m").toCompletableFuture().get();
    ModelService service = models.services().getFirst();
    loaded(null, Long.MAX_VALUE);
    assertThat(service.remembersAnswers()).isTrue();
    assertThat(loads).hasValue(2);
    loaded(null, Long.MAX_VALUE);
    assertThat(loads).as("nothing has changed").hasValue(2);
  }

  private ModelService loaded(@Nullable CanaryShare canary, long most) throws Exception {
    rig.says("m", says(canary, most));
    models.load("m").toCompletableFuture().get();
    return models.services().getFirst();
  }

  private static ModelFile says(@Nullable CanaryShare canary, long most) {
    return new ModelFile(VersionPolicy.NEWEST, canary, most, Precision.F32, Reuse.cache(BYTES));
  }
}
