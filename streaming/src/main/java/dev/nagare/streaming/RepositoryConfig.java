package dev.nagare.streaming;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The folder of models that answer and do not learn.
 *
 * @param folder {@code <name>/<version>/model.onnx}
 * @param control who says which models are loaded
 * @param load models that are loaded at the start, for {@link Control#EXPLICIT}
 * @param poll time between two looks at the folder, for {@link Control#POLL}
 */
public record RepositoryConfig(Path folder, Control control, List<String> load, Duration poll) {

  /** Who says which models are loaded. The newest version of a model is the one that is. */
  public enum Control {
    /** All models of the folder are loaded at the start; calls load and unload. */
    API,
    /** Those that the configuration names are loaded at the start; calls load and unload. */
    EXPLICIT,
    /** The folder says it, which is looked at again and again; calls are refused. */
    POLL
  }
}
