package dev.nagare.server.config;

import dev.nagare.streaming.RepositoryConfig;
import dev.nagare.streaming.RepositoryConfig.Control;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The section {@code repository}, or the folder alone in its place. */
final class RepositorySection {
  private static final int POLL_SECONDS = 15;

  private RepositorySection() {}

  /** What the file says of it; null if there is no repository. */
  static @Nullable RepositoryConfig read(Section root) {
    if (!root.hasBelow("repository")) {
      String folder = root.text("repository", "");
      return folder.isEmpty() ? null : config(folder, Control.API, List.of(), POLL_SECONDS);
    }
    Section in = root.section("repository");
    String folder = in.required("folder", "a folder of models", ".+");
    Control control = in.choice("control", Control.API);
    if (control != Control.EXPLICIT) {
      in.none("only with control: explicit", "load");
    }
    List<String> load = control == Control.EXPLICIT ? in.texts("load") : List.of();
    if (control != Control.POLL) {
      in.none("only with control: poll", "poll-seconds");
    }
    int seconds =
        control == Control.POLL
            ? in.integer("poll-seconds", POLL_SECONDS, 1, 86_400)
            : POLL_SECONDS;
    in.end();
    return config(folder, control, load, seconds);
  }

  private static RepositoryConfig config(
      String folder, Control control, List<String> load, int seconds) {
    return new RepositoryConfig(Path.of(folder), control, load, Duration.ofSeconds(seconds));
  }
}
