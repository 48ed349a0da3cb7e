package dev.nagare.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.graph.Dim;
import dev.nagare.models.inference.InferenceModel;
import dev.nagare.models.inference.MemoryBudget;
import dev.nagare.models.inference.TensorSpec;
import dev.nagare.models.repository.ModelFile;
import dev.nagare.models.repository.ModelPackage;
import dev.nagare.models.repository.ModelRepository;
import dev.nagare.models.repository.RepositoryException;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Models of a folder that are not read: what a package loads is the test's to say. */
final class LoadedRig implements AutoCloseable {
  private final MemoryPool pool = new MemoryPool("requests", 1 << 20);
  private final ProtocolJson json = new ProtocolJson(pool);
  private final Path folder;
  private final Map<String, ModelFile> files = new ConcurrentHashMap<>();
  private final StreamingObserver told;
  final Batcher batcher;
  final AtomicInteger changes = new AtomicInteger();

  /** Makes a model of a package. */
  interface Load {
    InferenceModel load(ModelPackage found, MemoryBudget budget) throws IOException;
  }

  LoadedRig(Path folder, StreamingObserver told) {
    this.folder = folder;
    this.told = told;
    this.batcher = new Batcher(Batcher.Limits.of(1, 4, 100), Thread::new, told);
  }

  StreamingObserver told() {
    return told;
  }

  /** Every request was given back. */
  @Override
  public void close() {
    batcher.close();
    assertThat(pool.usedBytes()).isZero();
  }

  ModelRepository repository() {
    return new ModelRepository(
        folder,
        file -> {
          String model = file.getName(file.getNameCount() - 2).toString();
          ModelFile says = files.get(model);
          if (says == null) {
            throw new RepositoryException(List.of(file.getFileName() + ":1: not good"));
          }
          return says;
        });
  }

  LoadedModels models(Load loading) {
    return models(loading, Long.MAX_VALUE);
  }

  LoadedModels models(Load loading, long mostBytes) {
    return models((found, precision, budget, before) -> loading.load(found, budget), mostBytes);
  }

  /** The same of loads that look at the precision. */
  LoadedModels precise(VersionLoader.Loading loading) {
    return models(loading, Long.MAX_VALUE);
  }

  private LoadedModels models(VersionLoader.Loading loading, long mostBytes) {
    return new LoadedModels(
        repository(),
        new VersionLoader(loading, new VersionLoader.Lanes(batcher, 1, told), mostBytes),
        Set.of("taken"),
        changes::incrementAndGet);
  }

  void end(LoadedModels models) {
    models.stop();
    batcher.close();
    models.close();
  }

  void version(String name, int version) throws IOException {
    Path file = folder.resolve(name).resolve(Integer.toString(version)).resolve("model.onnx");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "not read here");
  }

  /** Lets {@code model.yaml} say so. */
  void says(String name, ModelFile file) throws IOException {
    files.put(name, file);
    Files.writeString(folder.resolve(name).resolve(ModelFile.NAME), file.toString());
  }

  List<String> states(LoadedModels models) {
    return models.index().stream()
        .map(e -> e.name() + " " + e.version() + " " + e.state() + " " + e.reason())
        .toList();
  }

  CompletableFuture<InferenceResponse> ask(ModelService service) {
    return ask(service, "x", new float[] {5});
  }

  /** A request of one row that holds a 5. */
  InferenceRequest request() {
    return json.made("x", 64, memory -> Map.of("x", memory.of(Shape.of(1, 1), 5)));
  }

  /** Asks with rows of three; with less than that, with one axis. */
  CompletableFuture<InferenceResponse> ask(ModelService service, String input, float[] values) {
    String text =
        "{\"inputs\":[{\"name\":\"%s\",\"datatype\":\"FP32\",\"shape\":%s,\"data\":%s}]}"
            .formatted(
                input,
                values.length < 3 ? "[1, 1]" : "[" + values.length / 3 + ", 3]",
                Arrays.toString(values));
    return service
        .infer(
            json.decode(text.getBytes(StandardCharsets.UTF_8)),
            Terms.of(Terms.Priority.INTERACTIVE))
        .toCompletableFuture();
  }

  static void refused(CompletionStage<?> answer, int status, String message) {
    assertThatThrownBy(answer.toCompletableFuture()::join)
        .cause()
        .isInstanceOfSatisfying(
            ProtocolException.class, e -> assertThat(e.status()).isEqualTo(status))
        .hasMessageContaining(message);
  }

  static void uninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Answers what it is asked, and says when it is freed. */
  static final class Same implements InferenceModel {
    private static final TensorSpec X =
        new TensorSpec("x", DType.F32, List.of(Dim.named("n"), Dim.named("m")));
    final CountDownLatch freed = new CountDownLatch(1);
    final CountDownLatch entered = new CountDownLatch(1);
    final AtomicInteger sessions = new AtomicInteger();
    private final Map<String, String> parameters;
    volatile CountDownLatch gate = new CountDownLatch(0);

    Same() {
      this(Map.of());
    }

    Same(Map<String, String> parameters) {
      this.parameters = parameters;
    }

    @Override
    public Map<String, String> parameters() {
      return parameters;
    }

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
      return new Size(1, 1, "same", false);
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
