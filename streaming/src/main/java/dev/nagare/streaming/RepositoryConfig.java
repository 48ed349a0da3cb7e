package dev.nagare.streaming;

import dev.nagare.models.repository.ModelFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The folder of models that answer and do not learn.
 *
 * @param folder {@code <name>/<version>/model.onnx}, and {@code <name>/model.yaml}
 * @param control who says which models are loaded
 * @param load models that are loaded at the start, for {@link Control#EXPLICIT}
 * @param poll time between two looks at the folder, for {@link Control#POLL}
 * @param memoryBytes most bytes that all models may hold; {@link Long#MAX_VALUE} for no limit
 * @param files reads what stands beside the models, {@code model.yaml}
 */
public record RepositoryConfig(
    Path folder,
    Control control,
    List<String> load,
    Duration poll,
    long memoryBytes,
    ModelFile.Reader files) {

  /** Who says which models are loaded. Which versions of them are, {@code model.yaml} says. */
  public enum Control {
    /** All models of the folder are loaded at the start; calls load and unload. */
    API,
    /** Those that the configuration names are loaded at the start; calls load and unload. */
    EXPLICIT,
    /** The folder says it, which is looked at again and again; calls are refused. */
    POLL
  }
}
