package dev.nagare.models.repository;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model as it lies in the repository's folder now.
 *
 * @param name of the model
 * @param file {@code model.yaml}; null if there is none
 * @param says what that says
 * @param present every version that has its file, oldest first, at least one
 * @param regular those that the policy serves, the canary left out, oldest first, at least one
 */
public record ModelFolder(
    String name,
    @Nullable Path file,
    ModelFile says,
    List<ModelPackage> present,
    List<ModelPackage> regular) {

  /** A version; empty if it is not in the folder. */
  public Optional<ModelPackage> version(long version) {
    return present.stream().filter(found -> found.version() == version).findFirst();
  }

  /** What is to be loaded: the regular versions and the canary, oldest first. */
  public List<ModelPackage> wanted() {
    List<ModelPackage> wanted = new ArrayList<>();
    CanaryShare canary = says.canary();
    for (ModelPackage found : present) {
      if (regular.contains(found) || (canary != null && canary.version() == found.version())) {
        wanted.add(found);
      }
    }
    return List.copyOf(wanted);
  }
}
