package dev.nagare.streaming;

import dev.nagare.models.repository.ModelPackage;
import dev.nagare.models.repository.ModelRepository;
import dev.nagare.models.repository.RepositoryException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was seen of a repository's folder, and what is new in it. For one thread. */
final class FolderWatch {
  private static final Logger LOG = LoggerFactory.getLogger(FolderWatch.class);

  private final ModelRepository repository;
  private final Map<String, Seen> seen = new HashMap<>();

  private record Seen(long version, FileTime written, long bytes) {}

  FolderWatch(ModelRepository repository) {
    this.repository = repository;
  }

  /** This package is not new any more. */
  void saw(ModelPackage found) {
    seen.put(found.name(), look(found));
  }

  /**
   * The newest versions that are new, or whose files were written again, since they were seen. A
   * file that is being written is new again when more of it is there.
   */
  List<ModelPackage> whatIsNew() {
    List<ModelPackage> fresh = new ArrayList<>();
    List<String> names = repository.names();
    seen.keySet().retainAll(names);
    for (String name : names) {
      try {
        ModelPackage found = repository.newest(name);
        Seen now = look(found);
        if (!now.equals(seen.put(name, now))) {
          fresh.add(found);
        }
      } catch (RepositoryException e) {
        LOG.debug("Passed over in the repository: {}", e.getMessage());
      }
    }
    return fresh;
  }

  private static Seen look(ModelPackage found) {
    try {
      return new Seen(
          found.version(), Files.getLastModifiedTime(found.onnx()), Files.size(found.onnx()));
    } catch (IOException e) {
      return new Seen(found.version(), FileTime.fromMillis(0), -1); // it has just gone
    }
  }
}
