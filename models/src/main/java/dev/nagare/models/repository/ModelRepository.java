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

  /** The names of the folders that could be models, sorted. */
  public List<String> names() {
    return folders(folder, new ArrayList<>()).stream()
        .map(model -> model.getFileName().toString())
        .filter(name -> name.matches(NAME))
        .toList();
  }

  /** Whether there is a folder for a model of that name. */
  public boolean contains(String name) {
    return name.matches(NAME) && Files.isDirectory(folder.resolve(name));
  }

  /**
   * The newest version of a model.
   *
   * @param name may be any text
   * @throws RepositoryException that says what is missing
   */
  public ModelPackage newest(String name) {
    requireFolder(name);
    List<String> faults = new ArrayList<>();
    return newest(name, folder.resolve(name), faults)
        .orElseThrow(() -> new RepositoryException(faults));
  }

  /**
   * All versions of a model, oldest first, at least one.
   *
   * @param name may be any text
   * @throws RepositoryException that says what is missing
   */
  public List<ModelPackage> versions(String name) {
    requireFolder(name);
    List<String> faults = new ArrayList<>();
    Path model = folder.resolve(name);
    List<ModelPackage> found = new ArrayList<>();
    for (Path version : versions(model, faults)) {
      packaged(name, version, faults).ifPresent(found::add);
    }
    if (found.isEmpty()) {
      throw new RepositoryException(faults.isEmpty() ? List.of(noVersion(model)) : faults);
    }
    return List.copyOf(found);
  }

  private void requireFolder(String name) {
    if (!contains(name)) {
      throw new RepositoryException(List.of("model '" + name + "' is not in the repository"));
    }
  }

  private Optional<ModelPackage> newest(String name, Path model, List<String> faults) {
    List<Path> versions = versions(model, faults);
    if (versions.isEmpty()) {
      faults.add(noVersion(model));
      return Optional.empty();
    }
    return packaged(name, versions.getLast(), faults);
  }

  private static List<Path> versions(Path model, List<String> faults) {
    return folders(model, faults).stream()
        .filter(path -> path.getFileName().toString().matches(VERSION))
        .sorted(Comparator.comparingLong(ModelRepository::number))
        .toList();
  }

  private static String noVersion(Path model) {
    return model + ": expected a folder named by a version, such as " + model.resolve("1");
  }

  private Optional<ModelPackage> packaged(String name, Path version, List<String> faults) {
    Path onnx = version.resolve(ONNX);
    if (!Files.isRegularFile(onnx)) {
      faults.add(onnx + ": there is no such file; it is the model of version " + number(version));
      return Optional.empty();
    }
    if (!isInside(onnx)) {
      faults.add(onnx + ": the link leads out of " + folder + "; copy the file into it");
      return Optional.empty();
    }
    return Optional.of(new ModelPackage(name, number(version), onnx));
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
