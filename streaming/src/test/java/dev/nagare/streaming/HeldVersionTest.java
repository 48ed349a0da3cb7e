package dev.nagare.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.models.inference.InferenceModel;
import dev.nagare.models.inference.MemoryBudget;
import dev.nagare.models.inference.Precision;
import dev.nagare.models.processing.Classes;
import dev.nagare.models.processing.Processing;
import dev.nagare.models.repository.CanaryShare;
import dev.nagare.models.repository.ModelPackage;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What stands before and after a model belongs to the version that answers. */
@Timeout(60)
class HeldVersionTest {
  private final Labelled loading = new Labelled();
  @TempDir private Path folder;
  private LoadedRig rig;

  @BeforeEach
  void open() {
    rig = new LoadedRig(folder, new StreamingObserver() {});
  }

  @AfterEach
  void everyRequestIsGivenBack() {
    rig.close();
  }

  private LoadedModels models() {
    return rig.precise(loading);
  }

  @Test
  void aVersionThatIsHeldAnswersAndIsFreedWhenItIsLetGo() throws Exception {
    LoadedModels models = models();
    rig.version("m", 1);
    models.load("m").toCompletableFuture().get();
    ModelService service = models.services().getFirst();
    HeldVersion first = service.holdVersion();
    rig.version("m", 2);
    models.load("m").toCompletableFuture().get();
    HeldVersion second = service.holdVersion();
    assertThat(first.processing()).isEqualTo(Labelled.labelled("label of 1"));
    assertThat(second.processing()).isEqualTo(Labelled.labelled("label of 2"));
    assertThat(first.metadata().versions()).containsExactly("1");
    InferenceResponse answer =
        first
            .infer(rig.request(), Terms.of(Terms.Priority.INTERACTIVE))
            .toCompletableFuture()
            .get();
    assertThat(answer.modelVersion()).isEqualTo("1");
    assertThat(answer.outputs().getFirst().floats()).containsExactly(5);
    assertThat(loading.made.getFirst().freed.getCount()).as("held").isOne();
    first.release();
    loading.made.getFirst().freed.await();
    second.release();
    rig.end(models);
  }

  @Test
  void aCanaryIsHeldForItsShareAndItsAnswersCount() throws Exception {
    LoadedModels models = models();
    rig.version("m", 1);
    models.load("m").toCompletableFuture().get();
    rig.version("m", 2);
    models.tryCanary("m", new CanaryShare(2, 1)).toCompletableFuture().get();
    ModelService service = models.services().getFirst();
    HeldVersion held = service.holdVersion();
    assertThat(held.processing()).isEqualTo(Labelled.labelled("label of 2"));
    held.infer(rig.request(), Terms.of(Terms.Priority.INTERACTIVE)).toCompletableFuture().get();
    held.release();
    assertThat(models.canary("m").canary().requests()).isOne();
    HeldVersion named = service.version("1").holdVersion();
    assertThat(named.processing()).isEqualTo(Labelled.labelled("label of 1"));
    named.infer(rig.request(), Terms.of(Terms.Priority.INTERACTIVE)).toCompletableFuture().get();
    named.release();
    assertThat(models.canary("m").stable().requests()).as("asked for by its version").isZero();
    rig.end(models);
  }

  @Test
  void aFaultInWhatIsSaidOfAVersionKeepsItOutAndItsModelIsFreed() throws Exception {
    LoadedModels models = models();
    rig.version("m", 1);
    loading.fault = "model.yaml:3: expected something else";
    assertThatThrownBy(() -> models.load("m").toCompletableFuture().join())
        .cause()
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("could not be loaded: model.yaml:3: expected something else");
    loading.made.getFirst().freed.await();
    loading.fault = "";
    models.load("m").toCompletableFuture().get();
    models.services().getFirst().holdVersion().release();
    rig.end(models);
  }

  @Test
  void aFileBesideAModelThatIsWrittenAgainMakesItsVersionNew() throws Exception {
    LoadedModels models = models();
    rig.version("m", 1);
    models.lookNow().toCompletableFuture().get();
    models.lookNow().toCompletableFuture().get();
    assertThat(loading.made).hasSize(1);
    Files.writeString(folder.resolve("m/1/labels.txt"), "a\n");
    models.lookNow().toCompletableFuture().get();
    assertThat(loading.made).hasSize(2);
    Files.writeString(folder.resolve("m/1/labels.txt"), "a\nb\n");
    models.lookNow().toCompletableFuture().get();
    assertThat(loading.made).hasSize(3);
    rig.end(models);
  }

  /** Loads models that answer what they are asked, with a label named by the version. */
  private static final class Labelled implements VersionLoader.Loading {
    private final List<LoadedRig.Same> made = new CopyOnWriteArrayList<>();
    private volatile String fault = "";

    static Processing labelled(String label) {
      return new Processing(null, null, new Classes("x", List.of(label), 1, false), null);
    }

    @Override
    public Processing processing(ModelPackage found, InferenceModel model) throws IOException {
      if (!fault.isEmpty()) {
        throw new IOException(fault);
      }
      return labelled("label of " + found.version());
    }

    @Override
    public InferenceModel load(
        ModelPackage found,
        Precision precision,
        MemoryBudget budget,
        @Nullable InferenceModel before) {
      var model = new LoadedRig.Same();
      made.add(model);
      return model;
    }
  }
}
