package dev.nagare.models.repository;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder of models: {@code <name>/<version>/model.onnx}, the version a whole number, and {@code
 * <name>/model.yaml}, which says what is served of it, and how it computes.
 *
 * <p>Names that begin with a dot are passed over. A link may point anywhere inside the folder, and
 * nowhere else. What cannot be read is a fault, never something that is not there. Source: the
 * layout of Triton's model repository.
 */
public final class ModelRepository {
  private static final String VERSION = "[1-9][0-9]{0,17}";
  private static final String ONNX = "model.onnx";

  private final Path folder;
  private final ModelFile.Reader reader;

  /** A repository at this folder, whatever its files {@code model.yaml} say. */
  public ModelRepository(Path folder) {
    this(folder, file -> ModelFile.NONE);
  }

  /** A repository at this folder. */
  public ModelRepository(Path folder, ModelFile.Reader reader) {
    this.folder = folder;
    this.reader = reader;
  }

  /**
   * Every model, by name.
   *
   * @throws RepositoryException that lists every fault
   */
  public List<ModelFolder> models() {
    List<String> faults = new ArrayList<>();
    List<ModelFolder> found = new ArrayList<>();
    for (Path model : folders(folder, faults)) {
      String name = model.getFileName().toString();
      if (!ModelName.fits(name)) {
        faults.add(model + ": " + ModelName.fault(name));
        continue;
      }
      read(name, model, faults).ifPresent(found::add);
    }
    if (!faults.isEmpty()) {
      throw new RepositoryException(faults);
    }
    return List.copyOf(found);
  }

  /**
   * The names of the folders that could be models, sorted; of those that cannot be looked at, too.
   *
   * @throws RepositoryException if the repository's folder cannot be read: then nobody knows
   */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    for (Path model : entries(folder)) {
      String name = model.getFileName().toString();
      if (contains(name)) {
        names.add(name);
      }
    }
    return List.copyOf(names);
  }

  /** Whether there is a folder for a model of that name, readable or not. */
  public boolean contains(String name) {
    if (!ModelName.fits(name)) {
      return false;
    }
    Found found = look(folder.resolve(name));
    return found == Found.FOLDER || found == Found.UNREADABLE;
  }

  /**
   * One model.
   *
   * @param name may be any text
   * @throws RepositoryException that says what is missing or cannot be read
   */
  public ModelFolder model(String name) {
    if (!contains(name)) {
      String fault = ModelName.fault(name);
      throw new RepositoryException(
          List.of(fault != null ? fault : "model '" + name + "' is not in the repository"));
    }
    List<String> faults = new ArrayList<>();
    return read(name, folder.resolve(name), faults)
        .orElseThrow(() -> new RepositoryException(faults));
  }

  private Optional<ModelFolder> read(String name, Path model, List<String> faults) {
    int before = faults.size();
    List<Path> folders = versions(model, faults);
    Path file = file(model, faults);
    ModelFile says = says(file, faults);
    if (faults.size() > before) {
      return Optional.empty();
    }
    List<Long> numbers = folders.stream().map(ModelRepository::number).toList();
    CanaryShare canary = says.canary();
    List<Long> others =
        numbers.stream().filter(number -> canary == null || number != canary.version()).toList();
    List<Long> chosen = says.versions().of(others);
    String wrong = wrong(says, numbers, chosen);
    if (wrong != null) {
      faults.add((file == null ? model : file) + ": " + wrong);
      return Optional.empty();
    }
    List<ModelPackage> present = new ArrayList<>();
    for (Path version : folders) {
      long number = number(version);
      boolean wanted = chosen.contains(number) || (canary != null && canary.version() == number);
      // What nobody wants may be half of something.
      packaged(name, version, wanted ? faults : new ArrayList<>()).ifPresent(present::add);
    }
    if (faults.size() > before) {
      return Optional.empty();
    }
    List<ModelPackage> regular =
        present.stream().filter(found -> chosen.contains(found.version())).toList();
    return Optional.of(new ModelFolder(name, file, says, List.copyOf(present), regular));
  }

  private static @Nullable String wrong(ModelFile says, List<Long> numbers, List<Long> chosen) {
    CanaryShare canary = says.canary();
    if (canary != null && !numbers.contains(canary.version())) {
      return canary.role()
          + ": expected one of the versions "
          + numbers
          + ", got "
          + canary.version();
    }
    if (says.versions() instanceof VersionPolicy.Specific specific
        && !numbers.containsAll(specific.versions())) {
      return "versions: expected some of " + numbers + ", got " + specific.versions();
    }
    return chosen.isEmpty()
        ? (canary == null ? "versions" : canary.role())
            + ": expected another version beside it, to answer the other requests, got "
            + numbers
            + " alone"
        : null;
  }

  private static List<Path> versions(Path model, List<String> faults) {
    int before = faults.size();
    List<Path> found =
        folders(model, faults).stream()
            .filter(path -> path.getFileName().toString().matches(VERSION))
            .sorted(Comparator.comparingLong(ModelRepository::number))
            .toList();
    if (found.isEmpty() && faults.size() == before) {
      faults.add(model + ": expected a folder named by a version, such as " + model.resolve("1"));
    }
    return found;
  }

  private Optional<ModelPackage> packaged(String name, Path version, List<String> faults) {
    Path onnx = version.resolve(ONNX);
    switch (look(onnx)) {
      case FILE -> {
        if (isInside(onnx, faults)) {
          return Optional.of(new ModelPackage(name, number(version), onnx));
        }
      }
      case UNREADABLE -> faults.add(onnx + ": cannot be read");
      default ->
          faults.add(
              onnx + ": there is no such file; it is the model of version " + number(version));
    }
    return Optional.empty();
  }

  private @Nullable Path file(Path model, List<String> faults) {
    Path file = model.resolve(ModelFile.NAME);
    return switch (look(file)) {
      case FILE -> isInside(file, faults) ? file : null;
      case UNREADABLE -> {
        faults.add(file + ": cannot be read");
        yield null;
      }
      default -> null;
    };
  }

  private ModelFile says(@Nullable Path file, List<String> faults) {
    if (file == null) {
      return ModelFile.NONE;
    }
    try {
      return reader.read(file);
    } catch (IOException e) {
      faults.add(file + ": cannot be read: " + e);
    } catch (RepositoryException e) {
      faults.add(String.valueOf(e.getMessage()));
    }
    return ModelFile.NONE;
  }

  private boolean isInside(Path file, List<String> faults) {
    try {
      if (file.toRealPath().startsWith(folder.toRealPath())) {
        return true;
      }
      faults.add(file + ": the link leads out of " + folder + "; copy the file into it");
    } catch (IOException e) {
      faults.add(file + ": cannot be read: " + e);
    }
    return false;
  }

  private static long number(Path version) {
    return Long.parseLong(version.getFileName().toString());
  }

  /** What a path is. */
  private enum Found {
    FOLDER,
    FILE,
    UNREADABLE,
    OTHER
  }

  private static Found look(Path path) {
    try {
      BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
      return found.isDirectory() ? Found.FOLDER : found.isRegularFile() ? Found.FILE : Found.OTHER;
    } catch (NoSuchFileException e) {
      return Found.OTHER;
    } catch (IOException e) {
      return Found.UNREADABLE;
    }
  }

  private static List<Path> folders(Path in, List<String> faults) {
    List<Path> folders = new ArrayList<>();
    try {
      for (Path entry : entries(in)) {
        switch (look(entry)) {
          case FOLDER -> folders.add(entry);
          case UNREADABLE -> faults.add(entry + ": cannot be read");
          default -> {}
        }
      }
    } catch (RepositoryException e) {
      faults.add(String.valueOf(e.getMessage()));
    }
    return folders;
  }

  private static List<Path> entries(Path in) {
    try (Stream<Path> entries = Files.list(in)) {
      return entries
          .filter(path -> !path.getFileName().toString().startsWith("."))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new RepositoryException(List.of(in + ": cannot be read: " + e));
    }
  }
}
