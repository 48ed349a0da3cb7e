package dev.nagare.models.text;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads a {@code vocab.txt} as BERT and its kin have it: a piece in each line, UTF-8, the first
 * line is id 0.
 */
public final class VocabularyFile {
  private VocabularyFile() {}

  /**
   * Reads a file.
   *
   * @throws IOException if it is no such list, or lacks {@code [UNK]}
   */
  public static WordPiece read(Path file) throws IOException {
    try {
      List<String> lines = Files.readAllLines(file);
      return new WordPiece(lines);
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": expected UTF-8, a piece in each line", e);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }
}
