package dev.nagare.streaming;

import dev.nagare.models.repository.ModelFolder;
import dev.nagare.models.repository.ModelRepository;
import dev.nagare.models.repository.RepositoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was seen of a repository's folder, and what is new in it. For one thread. */
final class FolderWatch {
  private final ModelRepository repository;
  private final Map<String, Seen> seen = new HashMap<>();

  private record Seen(@Nullable FileStamp file, Map<Long, VersionStamp> wanted) {}

  /**
   * A look at the folder.
   *
   * @param names of all models that are there, readable or not
   * @param fresh those that are new, or of which something that is wanted was written again since
   *     they were seen. A file that is being written is new again when more of it is there
   * @param faults of those that cannot be read or contradict themselves, by name
   */
  record Look(List<String> names, List<ModelFolder> fresh, Map<String, String> faults) {}

  FolderWatch(ModelRepository repository) {
    this.repository = repository;
  }

  /** This model is not new any more. */
  void saw(ModelFolder found) {
    seen.put(found.name(), look(found));
  }

  /**
   * Looks again.
   *
   * @throws RepositoryException if the folder cannot be read: then nothing is known of any model
   */
  Look look() {
    List<String> names = repository.names();
    List<ModelFolder> fresh = new ArrayList<>();
    Map<String, String> faults = new HashMap<>();
    seen.keySet().retainAll(names);
    for (String name : names) {
      try {
        ModelFolder found = repository.model(name);
        Seen now = look(found);
        if (!now.equals(seen.put(name, now))) {
          fresh.add(found);
        }
      } catch (RepositoryException e) {
        faults.put(name, String.valueOf(e.getMessage()));
      }
    }
    return new Look(names, fresh, faults);
  }

  private static Seen look(ModelFolder found) {
    Path file = found.file();
    Map<Long, VersionStamp> wanted = new HashMap<>();
    found.wanted().forEach(one -> wanted.put(one.version(), VersionStamp.of(one)));
    return new Seen(file == null ? null : FileStamp.of(file), wanted);
  }
}
