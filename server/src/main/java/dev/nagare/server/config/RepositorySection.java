package dev.nagare.server.config;

import dev.nagare.models.repository.ModelName;
import dev.nagare.streaming.RepositoryConfig;
import dev.nagare.streaming.RepositoryConfig.Control;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The section {@code repository}, or the folder alone in its place. */
final class RepositorySection {
  private static final int POLL_SECONDS = 15;

  private static final Key REPOSITORY =
      Key.of(
              "repository",
              "folder of models that answer and do not learn, `<name>/<version>/model.onnx`, the newest"
                  + " version of each; or a section of the keys below")
          .within("a folder");
  private static final Key SECTION =
      Key.of("repository", "Models that answer and do not learn, if there is more to say of them");
  private static final Key FOLDER = Key.of("folder", "the same folder");
  private static final Key CONTROL =
      Key.of(
          "control",
          "`api`: all models are loaded at the start, [calls](api.md#the-repository)"
              + " load and unload; `explicit`: those of `load` at the start, then calls;"
              + " `poll`: the folder decides, calls are refused");
  private static final Key LOAD = Key.of("load", "with `explicit`: names of models");
  private static final Key POLL =
      Key.of(
              "poll-seconds",
              "with `poll`: how soon a new version, or a file of it that was written or moved"
                  + " there, is loaded, and a model whose folder has gone is taken out")
          .in("s");

  private static final Key MEMORY_LIMIT =
      Key.of(
              "memory-limit-bytes",
              "most memory that all models may hold; a load that would go beyond it is refused."
                  + " [Memory of models](operations.md#memory-of-models)")
          .in("bytes")
          .usually("0: no limit");

  private RepositorySection() {}

  /** What the file says of it; null if there is no repository. */
  static @Nullable RepositoryConfig read(Section root) {
    if (!root.hasBelow(REPOSITORY)) {
      String folder = root.text(REPOSITORY, "");
      return folder.isEmpty() ? null : config(folder, Control.API, List.of(), POLL_SECONDS, 0);
    }
    Section in = root.section(SECTION);
    String folder = in.required(FOLDER, "a folder of models", ".+");
    Control control = in.choice(CONTROL, Control.API);
    if (control != Control.EXPLICIT) {
      in.none("only with control: explicit", LOAD);
    }
    List<String> load = control == Control.EXPLICIT ? in.texts(LOAD) : List.of();
    if (control != Control.POLL) {
      in.none("only with control: poll", POLL);
    }
    int seconds =
        control == Control.POLL ? in.integer(POLL, POLL_SECONDS, 1, 86_400) : POLL_SECONDS;
    long mostBytes = in.integer(MEMORY_LIMIT, 0L, 0, Long.MAX_VALUE);
    in.end();
    for (String name : load) {
      String fault = ModelName.fault(name);
      if (fault != null) {
        in.fault(LOAD, fault);
      }
    }
    return config(folder, control, load, seconds, mostBytes);
  }

  private static RepositoryConfig config(
      String folder, Control control, List<String> load, int seconds, long mostBytes) {
    return new RepositoryConfig(
        Path.of(folder),
        control,
        load,
        Duration.ofSeconds(seconds),
        mostBytes == 0 ? Long.MAX_VALUE : mostBytes,
        new ModelFileReader());
  }
}
