package dev.nagare.models.repository;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A folder of models: {@code <name>/<version>/model.onnx}, the version a whole number.
 *
 * <p>Names that begin with a dot are passed over. A link may point anywhere inside the folder, and
 * nowhere else. Source: the layout of Triton's model repository.
 */
public final class ModelRepository {
  private static final String NAME = "[a-z0-9_-][a-z0-9._-]{0,63}";
  private static final String VERSION = "[1-9][0-9]{0,17}";
  private static final String ONNX = "model.onnx";

  private final Path folder;

  /** A repository at this folder. */
  public ModelRepository(Path folder) {
    this.folder = folder;
  }

  /**
   * The newest version of each model, by name.
   *
   * @throws RepositoryException that lists every fault
   */
  public List<ModelPackage> newest() {
    List<String> faults = new ArrayList<>();
    List<ModelPackage> found = new ArrayList<>();
    for (Path model : folders(folder, faults)) {
      String name = model.getFileName().toString();
      if (!name.matches(NAME)) {
        faults.add(
            model + ": expected a name of a-z, 0-9, '.', '_' and '-', at most 64, got " + name);
        continue;
      }
      newest(name, model, faults).ifPresent(found::add);
    }
    if (!faults.isEmpty()) {
      throw new RepositoryException(faults);
    }
    return List.copyOf(found);
  }

  private Optional<ModelPackage> newest(String name, Path model, List<String> faults) {
    Optional<Path> version =
        folders(model, faults).stream()
            .filter(path -> path.getFileName().toString().matches(VERSION))
            .max(Comparator.comparingLong(ModelRepository::number));
    if (version.isEmpty()) {
      faults.add(model + ": expected a folder named by a version, such as " + model.resolve("1"));
      return Optional.empty();
    }
    Path onnx = version.get().resolve(ONNX);
    if (!Files.isRegularFile(onnx)) {
      faults.add(
          onnx + ": there is no such file; it is the model of version " + number(version.get()));
      return Optional.empty();
    }
    if (!isInside(onnx)) {
      faults.add(onnx + ": the link leads out of " + folder + "; copy the file into it");
      return Optional.empty();
    }
    return Optional.of(new ModelPackage(name, number(version.get()), onnx));
  }

  private boolean isInside(Path file) {
    try {
      return file.toRealPath().startsWith(folder.toRealPath());
    } catch (IOException e) {
      return false;
    }
  }

  private static long number(Path version) {
    return Long.parseLong(version.getFileName().toString());
  }

  private static List<Path> folders(Path in, List<String> faults) {
    try (Stream<Path> entries = Files.list(in)) {
      return entries
          .filter(Files::isDirectory)
          .filter(path -> !path.getFileName().toString().startsWith("."))
          .sorted()
          .toList();
    } catch (IOException e) {
      faults.add(in + ": cannot be read: " + e);
      return List.of();
    }
  }
}
