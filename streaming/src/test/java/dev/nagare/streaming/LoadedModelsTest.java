package dev.nagare.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.graph.Dim;
import dev.nagare.models.inference.InferenceModel;
import dev.nagare.models.inference.TensorSpec;
import dev.nagare.models.repository.ModelRepository;
import dev.nagare.streaming.ModelControl.State;
import dev.nagare.streaming.batch.Batcher;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LoadedModelsTest {
  private final MemoryPool pool = new MemoryPool("requests", 1 << 20);
  private final ProtocolJson json = new ProtocolJson(pool);
  private final Batcher batcher =
      new Batcher(Batcher.Limits.of(1, 4, 10), Thread::new, new StreamingObserver() {});
  private final AtomicInteger changes = new AtomicInteger();
  @TempDir private Path folder;

  @AfterEach
  void everyRequestIsGivenBack() {
    batcher.close();
    assertThat(pool.usedBytes()).isZero();
  }

  @Test
  void aStopDoesNotWaitForAModelThatIsBeingLoadedWhichIsFreedAfterwards() throws Exception {
    version("slow", 1);
    var begun = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    var same = new Same();
    LoadedModels models =
        models(
            found -> {
              begun.countDown();
              uninterrupted(go);
              return same;
            });
    models.begin(new ModelRepository(folder).newest());
    begun.await();
    models.stop(); // waited for the model once, and the final checkpoint with it
    batcher.close();
    models.close();
    assertThat(same.freed.getCount()).isOne();
    go.countDown();
    same.freed.await();
    assertThat(models.services().getFirst().status().ready()).isFalse();
  }

  @Test
  void theOldVersionAnswersUntilTheNewOneIsWarmThenWhatItAcceptedThenItIsFreed() throws Exception {
    version("m", 1);
    var first = new Same();
    var second = new Same();
    var slow = new CountDownLatch(1);
    LoadedModels models =
        models(
            found -> {
              if (found.version() == 1) {
                return first;
              }
              uninterrupted(slow);
              return second;
            });
    models.load("m").toCompletableFuture().get();
    ModelService service = models.services().getFirst();
    first.gate = new CountDownLatch(1);
    CompletableFuture<InferenceResponse> accepted = ask(service);
    first.entered.await();

    version("m", 2);
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
    assertThat(ask(service).get().modelVersion()).isEqualTo("2");
    assertThat(changes).as("one model all the time").hasValue(1);
    end(models);
    assertThat(second.sessions).hasValue(0);
  }

  @Test
  void anUnloadedModelIsServedNoMoreAndCanBeLoadedAgain() throws Exception {
    version("m", 3);
    var first = new Same();
    var again = new Same();
    var next = new AtomicInteger();
    LoadedModels models = models(found -> next.getAndIncrement() == 0 ? first : again);
    assertThat(states(models)).containsExactly("m 3 UNAVAILABLE it was not loaded");
    models.load("m").toCompletableFuture().get();
    assertThat(states(models)).containsExactly("m 3 READY ");
    models.unload("m").toCompletableFuture().get();
    assertThat(models.services()).isEmpty();
    first.freed.await();
    assertThat(states(models)).containsExactly("m 3 UNAVAILABLE it was unloaded");
    refused(models.unload("m").toCompletableFuture(), 404, "model 'm' is not loaded");
    models.load("m").toCompletableFuture().get();
    assertThat(ask(models.services().getFirst()).get().modelVersion()).isEqualTo("3");
    end(models);
  }

  @Test
  void aModelThatCannotBeLoadedLeavesTheOldVersionAlone() throws Exception {
    version("m", 1);
    LoadedModels models =
        models(
            found -> {
              if (found.version() == 2) {
                throw new IOException("half of it is missing");
              }
              return new Same();
            });
    models.load("m").toCompletableFuture().get();
    version("m", 2);
    refused(
        models.load("m").toCompletableFuture(), 400, "version 2 could not be loaded: half of it");
    assertThat(ask(models.services().getFirst()).get().modelVersion()).isEqualTo("1");
    assertThat(states(models))
        .containsExactly("m 1 READY ", "m 2 UNAVAILABLE half of it is missing");
    end(models);
  }

  @Test
  void aLookAtTheFolderLoadsWhatIsNewAndTakesOutWhatHasGone() throws Exception {
    version("a", 1);
    var loads = new AtomicInteger();
    LoadedModels models =
        models(
            found -> {
              loads.incrementAndGet();
              return new Same();
            });
    models.begin(new ModelRepository(folder).newest());
    models.lookNow().toCompletableFuture().get();
    assertThat(loads).as("what was loaded at the start is not new").hasValue(1);

    version("a", 2);
    version("b", 1);
    version("taken", 1);
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
    end(models);
  }

  @Test
  void noNameLeadsOutOfTheFolder() {
    LoadedModels models = models(found -> new Same());
    for (String name : List.of("..", "../m", "/etc", "", ".hidden", "M")) {
      refused(models.load(name).toCompletableFuture(), 404, "is not in the repository");
    }
    end(models);
  }

  private void refused(CompletableFuture<Void> answer, int status, String message) {
    assertThatThrownBy(answer::join)
        .cause()
        .isInstanceOfSatisfying(
            ProtocolException.class, e -> assertThat(e.status()).isEqualTo(status))
        .hasMessageContaining(message);
  }

  private void end(LoadedModels models) {
    models.stop();
    batcher.close();
    models.close();
  }

  private List<String> states(LoadedModels models) {
    return models.index().stream()
        .map(e -> e.name() + " " + e.version() + " " + e.state() + " " + e.reason())
        .toList();
  }

  private CompletableFuture<InferenceResponse> ask(ModelService service) {
    String text =
        "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1],\"data\":[5]}]}";
    return service
        .infer(
            json.decode(text.getBytes(StandardCharsets.UTF_8)),
            Terms.of(Terms.Priority.INTERACTIVE))
        .toCompletableFuture();
  }

  private LoadedModels models(LoadedModels.Loading loading) {
    return new LoadedModels(
        new ModelRepository(folder),
        loading,
        new LoadedModels.Lanes(batcher, 1, new StreamingObserver() {}),
        Set.of("taken"),
        changes::incrementAndGet);
  }

  private void version(String name, int version) throws IOException {
    Path file = folder.resolve(name).resolve(Integer.toString(version)).resolve("model.onnx");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "not read here");
  }

  private static void uninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Answers what it is asked, and says when it is freed. */
  private static final class Same implements InferenceModel {
    private static final TensorSpec X = new TensorSpec("x", DType.F32, List.of(Dim.named("n")));
    private final CountDownLatch freed = new CountDownLatch(1);
    private final CountDownLatch entered = new CountDownLatch(1);
    private final AtomicInteger sessions = new AtomicInteger();
    private volatile CountDownLatch gate = new CountDownLatch(0);

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
      return List.of(X);
    }

    @Override
    public Size size(List<Tensor> tensors) {
      return new Size(1, 1, new Object());
    }

    @Override
    public Session open() {
      sessions.incrementAndGet();
      var memory = new ProcessMemory("same");
      return new Session() {
        @Override
        public List<List<Tensor>> run(List<List<Tensor>> questions) {
          entered.countDown();
          uninterrupted(gate);
          return questions.stream()
              .map(inputs -> List.of(memory.copyOf(inputs.getFirst())))
              .toList();
        }

        @Override
        public void close() {
          memory.close();
          sessions.decrementAndGet();
        }
      };
    }

    @Override
    public void close() {
      freed.countDown();
    }
  }
}
