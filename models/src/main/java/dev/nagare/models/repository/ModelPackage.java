package dev.nagare.models.repository;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * One version of a model on disk.
 *
 * @param name of the model
 * @param version of the model, 1 or more
 * @param onnx the model's file
 */
public record ModelPackage(String name, long version, Path onnx) {
  private static final String FILE = "[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}";

  /** What says how the version is to be used, in the same folder; it need not be there. */
  public Path description() {
    return onnx.resolveSibling(ModelFile.NAME);
  }

  /**
   * A file beside the model's that {@link #description()} names.
   *
   * @throws IOException if there is none, or its place is another folder
   */
  public Path file(String name) throws IOException {
    if (!name.matches(FILE)) {
      throw new IOException(
          "expected the name of a file in the folder of the version, got '" + name + "'");
    }
    Path file = onnx.resolveSibling(name);
    if (!Files.isRegularFile(file)) {
      throw new IOException("there is no file " + file);
    }
    requireInside(file);
    return file;
  }

  /**
   * Refuses a file that a link leads out of the repository to.
   *
   * @throws IOException if one does
   */
  public void requireInside(Path file) throws IOException {
    Path repository = onnx.toAbsolutePath();
    for (int up = 0; up < 3; up++) { // the version, the model
      repository = Objects.requireNonNull(repository.getParent(), "lies in a repository");
    }
    if (!file.toRealPath().startsWith(repository.toRealPath())) {
      throw new IOException(
          file + ": the link leads out of " + repository + "; copy the file into it");
    }
  }
}
