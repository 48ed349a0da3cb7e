package dev.nagare.streaming;

import dev.nagare.models.inference.InferenceModel;
import dev.nagare.models.onnx.proto.OnnxException;
import dev.nagare.models.repository.ModelPackage;
import dev.nagare.streaming.batch.Batcher;
import dev.nagare.streaming.batch.LoadedModel;
import dev.nagare.streaming.batch.Questions;
import dev.nagare.tensor.TensorException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the models of a repository one after the other, while those that learn answer already. A
 * model that cannot be loaded is not ready and says why; the others are not held up by it.
 */
final class ModelLoader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ModelLoader.class);

  private final Batcher batcher;
  private final StreamingObserver told;
  private final Loading loading;
  private final Map<ModelPackage, LoadedModelService> services = new LinkedHashMap<>();
  private final List<InferenceModel> loaded = new ArrayList<>(); // guarded by this
  private final Thread thread =
      Thread.ofPlatform().daemon().name("nagare-loader").unstarted(this::run);
  private volatile boolean stopping; // written under the lock

  /** Makes a model of a package; costs up to some seconds. */
  @FunctionalInterface
  interface Loading {
    InferenceModel load(ModelPackage found) throws IOException;
  }

  ModelLoader(
      List<ModelPackage> packages, Loading loading, Batcher batcher, StreamingObserver told) {
    this.loading = loading;
    this.batcher = batcher;
    this.told = told;
    packages.forEach(found -> services.put(found, new LoadedModelService(found)));
  }

  /** The models, ready or not. */
  List<ModelService> services() {
    return List.copyOf(services.values());
  }

  void start() {
    thread.start();
  }

  private void run() {
    services.forEach(
        (found, service) -> {
          if (!stopping) {
            load(found, service);
          }
        });
  }

  private void load(ModelPackage found, LoadedModelService service) {
    try {
      InferenceModel model = loading.load(found);
      if (!keep(model)) {
        model.close();
        return;
      }
      var served = new LoadedModel(found.name(), found.version(), model);
      service.loaded(new Questions(served, batcher, told));
      LOG.info("Loaded {} version {}", found.name(), found.version());
    } catch (IOException | OnnxException | TensorException e) {
      service.failed(String.valueOf(e.getMessage()));
      LOG.error("Model {} version {}: {}", found.name(), found.version(), e.getMessage());
    } catch (RuntimeException | Error e) { // whatever it is, the other models are not held up
      service.failed(String.valueOf(e));
      LOG.error("Model {} version {} could not be loaded", found.name(), found.version(), e);
    }
  }

  private synchronized boolean keep(InferenceModel model) {
    if (!stopping) {
      loaded.add(model);
    }
    return !stopping;
  }

  /**
   * No model is added from now on. One that is being compiled is not waited for, since a final
   * checkpoint cannot wait either: it is freed when it is there.
   */
  synchronized void stop() {
    stopping = true;
  }

  /** Frees the models; {@link #stop} came before, and the lanes have ended. */
  @Override
  public synchronized void close() {
    loaded.forEach(InferenceModel::close);
    loaded.clear();
  }
}
