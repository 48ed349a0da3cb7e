package dev.nagare.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.graph.Dim;
import dev.nagare.models.inference.InferenceModel;
import dev.nagare.models.inference.MemoryBudget;
import dev.nagare.models.inference.Precision;
import dev.nagare.models.inference.TensorSpec;
import dev.nagare.models.processing.Classes;
import dev.nagare.models.processing.Processing;
import dev.nagare.models.repository.CanaryShare;
import dev.nagare.models.repository.ModelPackage;
import dev.nagare.models.repository.ModelRepository;
import dev.nagare.streaming.batch.Batcher;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What stands before and after a model belongs to the version that answers. */
@Timeout(60)
class HeldVersionTest {
  private final MemoryPool pool = new MemoryPool("requests", 1 << 20);
  private final ProtocolJson codec = new ProtocolJson(pool);
  private final Batcher batcher =
      new Batcher(Batcher.Limits.of(1, 4, 10), Thread::new, new StreamingObserver() {});
  private final Labelled loading = new Labelled();
  @TempDir private Path folder;

  private LoadedModels models() {
    return new LoadedModels(
        new ModelRepository(folder),
        new VersionLoader(
            loading,
            new VersionLoader.Lanes(batcher, 1, new StreamingObserver() {}),
            Long.MAX_VALUE),
        Set.of(),
        () -> {});
  }

  @AfterEach
  void everyRequestIsGivenBack() {
    batcher.close();
    assertThat(pool.usedBytes()).isZero();
  }

  private void version(int version) throws IOException {
    Path file = folder.resolve("m/" + version + "/model.onnx");
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(file, "not read here");
  }

  private InferenceRequest request() {
    return codec.made("y", 64, memory -> Map.of("x", memory.of(Shape.of(1), 5)));
  }

  private void end(LoadedModels models) {
    models.stop();
    batcher.close();
    models.close();
  }

  @Test
  void aVersionThatIsHeldAnswersAndIsFreedWhenItIsLetGo() throws Exception {
    LoadedModels models = models();
    version(1);
    models.load("m").toCompletableFuture().get();
    ModelService service = models.services().getFirst();
    HeldVersion first = service.holdVersion();
    version(2);
    models.load("m").toCompletableFuture().get();
    HeldVersion second = service.holdVersion();
    assertThat(first.processing()).isEqualTo(Labelled.labelled("label of 1"));
    assertThat(second.processing()).isEqualTo(Labelled.labelled("label of 2"));
    assertThat(first.metadata().versions()).containsExactly("1");
    InferenceResponse answer =
        first.infer(request(), Terms.of(Terms.Priority.INTERACTIVE)).toCompletableFuture().get();
    assertThat(answer.modelVersion()).isEqualTo("1");
    assertThat(answer.outputs().getFirst().floats()).containsExactly(5);
    assertThat(loading.freed.getCount()).as("held").isOne();
    first.release();
    loading.freed.await();
    second.release();
    end(models);
  }

  @Test
  void aCanaryIsHeldForItsShareAndItsAnswersCount() throws Exception {
    LoadedModels models = models();
    version(1);
    models.load("m").toCompletableFuture().get();
    version(2);
    models.tryCanary("m", new CanaryShare(2, 1)).toCompletableFuture().get();
    ModelService service = models.services().getFirst();
    HeldVersion held = service.holdVersion();
    assertThat(held.processing()).isEqualTo(Labelled.labelled("label of 2"));
    held.infer(request(), Terms.of(Terms.Priority.INTERACTIVE)).toCompletableFuture().get();
    held.release();
    assertThat(models.canary("m").canary().requests()).isOne();
    HeldVersion named = service.version("1").holdVersion();
    assertThat(named.processing()).isEqualTo(Labelled.labelled("label of 1"));
    named.infer(request(), Terms.of(Terms.Priority.INTERACTIVE)).toCompletableFuture().get();
    named.release();
    assertThat(models.canary("m").stable().requests()).as("asked for by its version").isZero();
    end(models);
  }

  @Test
  void aFaultInWhatIsSaidOfAVersionKeepsItOutAndItsModelIsFreed() throws Exception {
    LoadedModels models = models();
    version(1);
    loading.fault = "model.yaml:3: expected something else";
    assertThatThrownBy(() -> models.load("m").toCompletableFuture().join())
        .cause()
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("could not be loaded: model.yaml:3: expected something else");
    loading.freed.await();
    loading.fault = "";
    models.load("m").toCompletableFuture().get();
    models.services().getFirst().holdVersion().release();
    end(models);
  }

  @Test
  void aFileBesideAModelThatIsWrittenAgainMakesItsVersionNew() throws Exception {
    LoadedModels models = models();
    version(1);
    models.lookNow().toCompletableFuture().get();
    models.lookNow().toCompletableFuture().get();
    assertThat(loading.loads).hasValue(1);
    Files.writeString(folder.resolve("m/1/labels.txt"), "a\n");
    models.lookNow().toCompletableFuture().get();
    assertThat(loading.loads).hasValue(2);
    Files.writeString(folder.resolve("m/1/labels.txt"), "a\nb\n");
    models.lookNow().toCompletableFuture().get();
    assertThat(loading.loads).hasValue(3);
    end(models);
  }

  /** Loads models that answer what they are asked, with a label named by the version. */
  private static final class Labelled implements VersionLoader.Loading {
    private static final TensorSpec X = new TensorSpec("x", DType.F32, List.of(Dim.named("n")));
    private static final TensorSpec Y = new TensorSpec("y", DType.F32, List.of(Dim.named("n")));

    private final CountDownLatch freed = new CountDownLatch(1);
    private final AtomicInteger loads = new AtomicInteger();
    private volatile String fault = "";

    static Processing labelled(String label) {
      return new Processing(null, null, new Classes("y", List.of(label), 1, false), null);
    }

    @Override
    public Processing processing(ModelPackage found, InferenceModel model) throws IOException {
      if (!fault.isEmpty()) {
        throw new IOException(fault);
      }
      return labelled("label of " + found.version());
    }

    @Override
    public InferenceModel load(ModelPackage found, Precision precision, MemoryBudget budget) {
      loads.incrementAndGet();
      return new InferenceModel() {
        @Override
        public String platform() {
          return "test";
        }

        @Override
        public List<TensorSpec> inputs() {
          return List.of(X);
        }

        @Override
        public List<TensorSpec> outputs() {
          return List.of(Y);
        }

        @Override
        public Size size(List<Tensor> inputs) {
          return new Size(1, 1, X);
        }

        @Override
        public Session open() {
          var memory = new ProcessMemory("labelled");
          return new Session() {
            @Override
            public List<List<Tensor>> run(List<List<Tensor>> questions) {
              return questions.stream()
                  .map(inputs -> List.of(memory.copyOf(inputs.getFirst())))
                  .toList();
            }

            @Override
            public void close() {
              memory.close();
            }
          };
        }

        @Override
        public void close() {
          freed.countDown();
        }
      };
    }
  }
}
