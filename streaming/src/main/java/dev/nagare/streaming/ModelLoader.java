package dev.nagare.streaming;

import dev.nagare.models.inference.CompiledModel;
import dev.nagare.models.inference.InferenceModel;
import dev.nagare.models.inference.ModelOptions;
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
  private final ModelOptions options;
  private final Map<ModelPackage, LoadedModelService> services = new LinkedHashMap<>();
  private final List<InferenceModel> loaded = new ArrayList<>(); // of the thread until it ended
  private final Thread thread =
      Thread.ofPlatform().daemon().name("nagare-loader").unstarted(this::run);
  private volatile boolean stopping;

  ModelLoader(List<ModelPackage> packages, Batcher batcher, int mostRows, StreamingObserver told) {
    this.batcher = batcher;
    this.told = told;
    this.options = ModelOptions.best().mostRows(mostRows);
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
      CompiledModel model = CompiledModel.load(found.onnx(), Map.of(), options);
      loaded.add(model);
      var served = new LoadedModel(found.name(), found.version(), model);
      service.loaded(new Questions(served, batcher, told));
      LOG.info("Loaded {} version {}", found.name(), found.version());
      if (!model.whyPadded().isEmpty()) {
        LOG.debug("{}: sequences are padded. {}", found.name(), model.whyPadded());
      }
    } catch (IOException | OnnxException | TensorException e) {
      service.failed(String.valueOf(e.getMessage()));
      LOG.error("Model {} version {}: {}", found.name(), found.version(), e.getMessage());
    } catch (RuntimeException | Error e) { // whatever it is, the other models are not held up
      service.failed(String.valueOf(e));
      LOG.error("Model {} version {} could not be loaded", found.name(), found.version(), e);
    }
  }

  /** Ends loading; to be called before the lanes end. */
  void stop() {
    stopping = true;
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // a plan that is being compiled cannot be left half done
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Frees the models; the lanes have ended. */
  @Override
  public void close() {
    loaded.forEach(InferenceModel::close);
  }
}
