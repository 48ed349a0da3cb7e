package dev.nagare.models.processing;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads a {@code labels.txt}: a label in each line, UTF-8, the first line is class 0. */
public final class LabelFile {
  private LabelFile() {}

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read, or a line is empty
   */
  public static List<String> read(Path file) throws IOException {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": expected UTF-8, a label in each line", e);
    }
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        throw new IOException(file + ":" + (i + 1) + ": expected a label, got an empty line");
      }
    }
    return lines;
  }
}
