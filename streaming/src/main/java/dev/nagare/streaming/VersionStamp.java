package dev.nagare.streaming;

import dev.nagare.models.repository.ModelPackage;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What tells a version from itself after one of its files was written again: the model, or what
 * stands beside it. Names that begin with a dot are passed over, as by the repository.
 *
 * @param files by name; none if the folder has just gone
 */
record VersionStamp(Map<String, FileStamp> files) {
  VersionStamp {
    files = Map.copyOf(files);
  }

  /** The stamp of a version as its folder is now. */
  static VersionStamp of(ModelPackage found) {
    Map<String, FileStamp> files = new HashMap<>();
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(
            found.onnx().resolveSibling(""),
            entry -> !String.valueOf(entry.getFileName()).startsWith("."))) {
      for (Path entry : entries) {
        files.put(String.valueOf(entry.getFileName()), FileStamp.of(entry));
      }
      return new VersionStamp(files);
    } catch (IOException | DirectoryIteratorException e) {
      return new VersionStamp(Map.of());
    }
  }
}
