package dev.nagare.streaming;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.models.inference.Accuracy;
import dev.nagare.models.inference.MemoryBudget;
import dev.nagare.models.inference.Precision;
import dev.nagare.models.repository.ModelFile;
import dev.nagare.models.repository.VersionPolicy;
import dev.nagare.streaming.ModelControl.State;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.TensorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LoadedModelsTest {
  private final List<String> failedLoads = new CopyOnWriteArrayList<>();
  @TempDir private Path folder;
  private LoadedRig rig;

  @BeforeEach
  void open() {
    rig =
        new LoadedRig(
            folder,
            new StreamingObserver() {
              @Override
              public void loadFailed(String model, String reason) {
                failedLoads.add(model + " " + reason);
              }
            });
  }

  @AfterEach
  void everyRequestIsGivenBack() {
    rig.close();
  }

  @Test
  void aStopDoesNotWaitForAModelThatIsBeingLoadedWhichIsFreedAfterwards() throws Exception {
    rig.version("slow", 1);
    var begun = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    var same = new LoadedRig.Same();
    LoadedModels models =
        rig.models(
            (found, budget) -> {
              begun.countDown();
              LoadedRig.uninterrupted(go);
              return same;
            });
    models.begin(rig.repository().models());
    begun.await();
    models.stop(); // waited for the model once, and the final checkpoint with it
    rig.batcher.close();
    models.close();
    assertThat(same.freed.getCount()).isOne();
    go.countDown();
    same.freed.await();
    assertThat(models.services().getFirst().status().ready()).isFalse();
  }

  @Test
  void theOldVersionAnswersUntilTheNewOneIsWarmThenWhatItAcceptedThenItIsFreed() throws Exception {
    rig.version("m", 1);
    var first = new LoadedRig.Same();
    var second = new LoadedRig.Same();
    var slow = new CountDownLatch(1);
    LoadedModels models =
        rig.models(
            (found, budget) -> {
              if (found.version() == 1) {
                return first;
              }
              LoadedRig.uninterrupted(slow);
              return second;
            });
    models.load("m").toCompletableFuture().get();
    ModelService service = models.services().getFirst();
    first.gate = new CountDownLatch(1);
    CompletableFuture<InferenceResponse> accepted = rig.ask(service);
    first.entered.await();

    rig.version("m", 2);
    CompletableFuture<Void> loaded = models.load("m").toCompletableFuture();
    assertThat(service.status().version()).isEqualTo(1);
    assertThat(service.status().ready()).isTrue();
    slow.countDown();
    loaded.get();
    assertThat(service.status().version()).isEqualTo(2);
    assertThat(first.freed.getCount()).as("still at work").isOne();
    assertThat(models.index().getFirst().state()).isEqualTo(State.UNLOADING);

    first.gate.countDown();
    assertThat(accepted.get().modelVersion()).isEqualTo("1");
    first.freed.await();
    assertThat(first.sessions).hasValue(0);
    assertThat(rig.ask(service).get().modelVersion()).isEqualTo("2");
    assertThat(rig.changes).as("one model all the time").hasValue(1);
    rig.end(models);
    assertThat(second.sessions).hasValue(0);
  }

  @Test
  void anUnloadedModelIsServedNoMoreAndCanBeLoadedAgain() throws Exception {
    rig.version("m", 3);
    var first = new LoadedRig.Same();
    var again = new LoadedRig.Same();
    var next = new AtomicInteger();
    LoadedModels models =
        rig.models((found, budget) -> next.getAndIncrement() == 0 ? first : again);
    assertThat(rig.states(models)).containsExactly("m 3 UNAVAILABLE it was not loaded");
    models.load("m").toCompletableFuture().get();
    assertThat(rig.states(models)).containsExactly("m 3 READY ");
    models.unload("m").toCompletableFuture().get();
    assertThat(models.services()).isEmpty();
    first.freed.await();
    assertThat(rig.states(models)).containsExactly("m 3 UNAVAILABLE it was unloaded");
    LoadedRig.refused(models.unload("m").toCompletableFuture(), 404, "model 'm' is not loaded");
    models.load("m").toCompletableFuture().get();
    assertThat(rig.ask(models.services().getFirst()).get().modelVersion()).isEqualTo("3");
    rig.end(models);
  }

  @Test
  void aModelThatCannotBeLoadedLeavesTheOldVersionAlone() throws Exception {
    rig.version("m", 1);
    LoadedModels models =
        rig.models(
            (found, budget) -> {
              if (found.version() == 2) {
                throw new IOException("half of it is missing");
              }
              return new LoadedRig.Same();
            });
    models.load("m").toCompletableFuture().get();
    rig.version("m", 2);
    LoadedRig.refused(
        models.load("m").toCompletableFuture(), 400, "version 2 could not be loaded: half of it");
    assertThat(rig.ask(models.services().getFirst()).get().modelVersion()).isEqualTo("1");
    assertThat(rig.states(models))
        .containsExactly("m 1 READY ", "m 2 UNAVAILABLE half of it is missing");
    rig.end(models);
  }

  @Test
  void aLookAtTheFolderLoadsWhatIsNewAndTakesOutWhatHasGone() throws Exception {
    rig.version("a", 1);
    var loads = new AtomicInteger();
    LoadedModels models =
        rig.models(
            (found, budget) -> {
              loads.incrementAndGet();
              return new LoadedRig.Same();
            });
    models.begin(rig.repository().models());
    models.lookNow().toCompletableFuture().get();
    assertThat(loads).as("what was loaded at the start is not new").hasValue(1);

    rig.version("a", 2);
    rig.version("b", 1);
    rig.version("taken", 1);
    Files.createDirectories(folder.resolve("empty"));
    models.lookNow().toCompletableFuture().get();
    models.lookNow().toCompletableFuture().get();
    assertThat(loads).hasValue(3);
    assertThat(models.services().stream().map(model -> model.name() + model.status().version()))
        .containsExactly("a2", "b1");

    Files.writeString(folder.resolve("b/1/model.onnx"), "other bytes, more of them");
    Files.delete(folder.resolve("a/1/model.onnx"));
    Files.delete(folder.resolve("a/2/model.onnx"));
    Files.delete(folder.resolve("a/1"));
    Files.delete(folder.resolve("a/2"));
    Files.delete(folder.resolve("a"));
    models.lookNow().toCompletableFuture().get();
    assertThat(loads).hasValue(4);
    assertThat(models.services().stream().map(ModelService::name)).containsExactly("b");
    rig.end(models);
  }

  @Test
  void noNameLeadsOutOfTheFolder() {
    LoadedModels models = rig.models((found, budget) -> new LoadedRig.Same());
    for (String name : List.of("..", "../m", "/etc", "", ".hidden", "M")) {
      LoadedRig.refused(models.load(name), 404, "model name: expected 1 to 64 of a-z");
    }
    rig.end(models);
  }

  @Test
  void whatCannotBeReadChangesNothingThatIsServedAndIsSaid() throws Exception {
    rig.version("a", 1);
    rig.version("b", 1);
    LoadedModels models = rig.models((found, budget) -> new LoadedRig.Same());
    models.begin(rig.repository().models());
    models.lookNow().toCompletableFuture().get();

    Path away = folder.resolveSibling(folder.getFileName() + "-away");
    Files.move(folder, away); // as a file system that is not mounted
    models.lookNow().toCompletableFuture().get();
    assertThat(names(models)).containsExactly("a", "b");
    assertThat(models.services().getFirst().status().degraded()).contains("cannot be read");
    assertThat(rig.ask(models.services().getFirst()).get().modelVersion()).isEqualTo("1");
    assertThat(rig.states(models))
        .hasSize(2)
        .allSatisfy(state -> assertThat(state).contains(" 1 READY ", "cannot be read"));

    Files.move(away, folder);
    Files.move(folder.resolve("a"), folder.resolve(".a"));
    Files.createSymbolicLink(folder.resolve("a"), folder.resolve("a")); // nobody can look at it
    models.lookNow().toCompletableFuture().get();
    assertThat(names(models)).containsExactly("a", "b");
    assertThat(models.services().getFirst().status().degraded()).contains("a: cannot be read");
    assertThat(models.services().getLast().status().degraded()).isNull();

    Files.delete(folder.resolve("a"));
    models.lookNow().toCompletableFuture().get();
    assertThat(names(models)).as("now it has gone").containsExactly("b");
    rig.end(models);
  }

  @Test
  void severalVersionsAnswerAtOnceAndARequestWithoutOneGetsTheNewest() throws Exception {
    rig.version("m", 1);
    rig.version("m", 2);
    rig.version("m", 3);
    rig.says("m", file(new VersionPolicy.Latest(2)));
    LoadedModels models = rig.models((found, budget) -> new LoadedRig.Same());
    models.load("m").toCompletableFuture().get();
    ModelService service = models.services().getFirst();
    assertThat(service.metadata().versions()).containsExactly("2", "3");
    assertThat(service.version("2").metadata().versions()).containsExactly("2", "3");
    assertThat(service.version("2").status().version()).isEqualTo(2);
    assertThat(rig.ask(service).get().modelVersion()).isEqualTo("3");
    assertThat(rig.ask(service.version("3")).get().modelVersion()).isEqualTo("3");
    ModelService second = service.version("2");
    assertThat(rig.ask(second).get().modelVersion()).isEqualTo("2");
    LoadedRig.refused(
        CompletableFuture.supplyAsync(() -> service.version("1")),
        404,
        "model 'm' does not serve version '1'; served: 2, 3");
    assertThat(rig.states(models))
        .containsExactly("m 1 UNAVAILABLE versions 2, 3 answer", "m 2 READY ", "m 3 READY ");

    rig.says("m", file(new VersionPolicy.Specific(List.of(1L))));
    models.load("m").toCompletableFuture().get();
    assertThat(service.metadata().versions()).containsExactly("1");
    LoadedRig.refused(rig.ask(second), 404, "does not serve version '2'; served: 1");
    rig.end(models);
  }

  @Test
  void aVersionWhoseFileIsTheSameIsNotLoadedAgain() throws Exception {
    rig.version("m", 1);
    rig.says("m", file(new VersionPolicy.All()));
    List<Long> loads = new CopyOnWriteArrayList<>();
    LoadedModels models =
        rig.models(
            (found, budget) -> {
              loads.add(found.version());
              return new LoadedRig.Same();
            });
    models.begin(rig.repository().models());
    rig.version("m", 2);
    models.lookNow().toCompletableFuture().get();
    models.load("m").toCompletableFuture().get();
    Files.writeString(folder.resolve("m/1/model.onnx"), "other bytes, more of them");
    models.lookNow().toCompletableFuture().get();
    assertThat(loads).containsExactly(1L, 2L, 1L);
    rig.end(models);
  }

  @Test
  void aVersionThatCannotBeLoadedHoldsUpNoOtherOfItsModel() throws Exception {
    for (int version = 1; version <= 3; version++) {
      rig.version("m", version);
    }
    rig.says("m", file(new VersionPolicy.All()));
    LoadedModels models =
        rig.models(
            (found, budget) -> {
              if (found.version() == 2) {
                throw new IOException("half of it is missing");
              }
              return new LoadedRig.Same();
            });
    LoadedRig.refused(
        models.load("m"), 400, "model 'm' version 2 could not be loaded: half of it is missing");
    assertThat(models.services().getFirst().metadata().versions()).containsExactly("1", "3");
    assertThat(models.services().getFirst().status().degraded()).contains("half of it is missing");
    assertThat(rig.states(models))
        .containsExactly("m 1 READY ", "m 2 UNAVAILABLE half of it is missing", "m 3 READY ");
    assertThat(failedLoads).containsExactly("m unusable");
    rig.end(models);
  }

  @Test
  void aLoadBeyondTheLimitOfItsModelIsRefusedWithTheNumbersAndTheOldVersionAnswersOn()
      throws Exception {
    rig.version("m", 1);
    rig.says("m", new ModelFile(VersionPolicy.NEWEST, null, 1000, Precision.F32));
    List<LoadedRig.Same> loaded = new CopyOnWriteArrayList<>();
    LoadedModels models =
        rig.models(
            (found, budget) -> {
              budget.weights(600);
              loaded.add(new LoadedRig.Same());
              return loaded.getLast();
            });
    models.load("m").toCompletableFuture().get();
    rig.version("m", 2);
    LoadedRig.refused(
        models.load("m"),
        400,
        "the weights of version 2 need 600 bytes; the versions of m hold 600 of at most 1000"
            + " (memory-limit-bytes in its model.yaml; raise it");
    assertThat(failedLoads).containsExactly("m memory");
    assertThat(rig.ask(models.services().getFirst()).get().modelVersion()).isEqualTo("1");
    models.unload("m").toCompletableFuture().get();
    loaded.getFirst().freed.await();
    models.lookNow().toCompletableFuture().get();
    assertThat(models.services().getFirst().status().version()).isEqualTo(2);
    rig.end(models);
  }

  @Test
  void aLoadBeyondTheLimitOfAllModelsIsRefusedBeforeItsPlanIsOpened() throws Exception {
    rig.version("a", 1);
    rig.version("b", 1);
    LoadedModels models =
        rig.models(
            (found, budget) -> {
              budget.weights(300);
              budget.plan(found.name().equals("b") ? 150 : 100);
              return new LoadedRig.Same();
            },
            849);
    models.load("a").toCompletableFuture().get();
    LoadedRig.refused(
        models.load("b"),
        400,
        "the plan of version 1 needs, for 1 lanes, 150 bytes; the models of the repository hold"
            + " 700 of at most 849 (repository.memory-limit-bytes; raise it, or unload a model)");
    LoadedRig.refused(models.load("b"), 400, "hold 700"); // what was refused is not held
    models.unload("a").toCompletableFuture().get();
    models.load("b").toCompletableFuture().get();
    assertThat(failedLoads).containsExactly("b memory", "b memory");
    rig.end(models);
  }

  @Test
  void aVersionIsLoadedAgainWhenItIsToComputeOtherwiseAndTheOldOneAnswersOnIfItCannot()
      throws Exception {
    rig.version("m", 1);
    rig.version("m", 2);
    rig.says("m", file(new VersionPolicy.All()));
    List<String> loads = new CopyOnWriteArrayList<>();
    LoadedModels models =
        rig.precise(
            (found, precision, budget, before) -> {
              loads.add(found.version() + " " + precision.dtype());
              if (precision.leastCosine() == 1) {
                throw TensorException.mismatch("too much is lost");
              }
              return new LoadedRig.Same(Map.of("precision", precision.dtype().name()));
            });
    models.begin(rig.repository().models());
    models.lookNow().toCompletableFuture().get();
    ModelService service = models.services().getFirst();
    assertThat(service.parameters()).containsEntry("precision", "F32");

    var half = new Precision(DType.BF16, Accuracy.LEAST_COSINE);
    rig.says("m", new ModelFile(VersionPolicy.NEWEST, null, Long.MAX_VALUE, half));
    models.lookNow().toCompletableFuture().get();
    models.lookNow().toCompletableFuture().get();
    assertThat(loads).containsExactly("2 F32", "1 F32", "2 BF16");
    assertThat(service.parameters()).containsEntry("precision", "BF16");

    var exact = new Precision(DType.BF16, 1);
    rig.says("m", new ModelFile(new VersionPolicy.All(), null, Long.MAX_VALUE, exact));
    LoadedRig.refused(models.load("m"), 400, "version 2 could not be loaded: too much is lost");
    assertThat(service.status().degraded()).isEqualTo("too much is lost");
    assertThat(rig.ask(service).get().modelVersion()).isEqualTo("2");
    assertThat(service.version("2").parameters()).containsEntry("precision", "BF16");
    rig.end(models);
  }

  @Test
  void aLookSaysWhatIsWrongInAModelsOwnFileAndWhatAnsweredAnswersOn() throws Exception {
    rig.version("a", 1);
    LoadedModels models = rig.models((found, budget) -> new LoadedRig.Same());
    models.begin(rig.repository().models());
    models.lookNow().toCompletableFuture().get();
    Files.writeString(folder.resolve("a/model.yaml"), "what nobody can read");
    models.lookNow().toCompletableFuture().get();
    ModelService service = models.services().getFirst();
    assertThat(service.status().degraded()).contains("model.yaml:1: not good");
    assertThat(rig.ask(service).get().modelVersion()).isEqualTo("1");
    LoadedRig.refused(models.load("a"), 400, "model.yaml:1: not good");
    rig.end(models);
  }

  @Test
  void whatAModelIsComparedWithCountsForOneLaneAndOnlyWhileItIsLoaded() throws Exception {
    rig.version("m", 1);
    rig.says("m", new ModelFile(VersionPolicy.NEWEST, null, 1000, Precision.F32));
    var other = new AtomicInteger(400);
    LoadedModels models =
        rig.models(
            (found, budget) -> {
              budget.weights(400);
              try (MemoryBudget.Meanwhile meanwhile = budget.meanwhile()) {
                meanwhile.weights(other.get());
                meanwhile.plan(200);
              }
              return new LoadedRig.Same();
            });
    models.load("m").toCompletableFuture().get();
    models.unload("m").toCompletableFuture().get();
    models.load("m").toCompletableFuture().get();
    models.unload("m").toCompletableFuture().get();
    other.set(401);
    LoadedRig.refused(
        models.load("m"), 400, "200 bytes; the versions of m hold 801 of at most 1000");
    rig.end(models);
  }

  private static ModelFile file(VersionPolicy policy) {
    return new ModelFile(policy, null, Long.MAX_VALUE, Precision.F32);
  }

  private static List<String> names(LoadedModels models) {
    return models.services().stream().map(ModelService::name).toList();
  }
}
