package dev.nagare.server.models;

import dev.nagare.models.repository.ModelPackage;
import dev.nagare.models.repository.ModelRepository;
import dev.nagare.models.repository.RepositoryException;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The ONNX file that a command line means. */
final class ModelPath {
  private ModelPath() {}

  /**
   * Finds it.
   *
   * @param name of a file or, if there is a repository, of a model in it
   * @throws CommandException that says which there are
   */
  static Path of(String name, @Nullable Path repository) {
    if (repository == null) {
      Path file = Path.of(name);
      if (!Files.isRegularFile(file)) {
        throw new CommandException(
            ExitCode.USAGE,
            name + ": there is no such file; name a model with --repository FOLDER");
      }
      return file;
    }
    try {
      List<ModelPackage> packages =
          new ModelRepository(repository)
              .models().stream().map(model -> model.regular().getLast()).toList();
      return packages.stream()
          .filter(one -> one.name().equals(name))
          .findFirst()
          .map(ModelPackage::onnx)
          .orElseThrow(
              () ->
                  new CommandException(
                      ExitCode.USAGE,
                      name
                          + ": no such model in "
                          + repository
                          + ", which has "
                          + packages.stream()
                              .map(ModelPackage::name)
                              .collect(Collectors.joining(", "))));
    } catch (RepositoryException e) {
      throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    }
  }
}
