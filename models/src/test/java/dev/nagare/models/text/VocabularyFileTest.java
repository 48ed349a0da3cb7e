package dev.nagare.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VocabularyFileTest {
  @TempDir private Path folder;

  @Test
  void eachLineIsAPieceAndTheFirstIsIdZero() throws IOException {
    Path file = Files.writeString(folder.resolve("vocab.txt"), "[PAD]\r\n[UNK]\n日\n##s\n");
    WordPiece pieces = VocabularyFile.read(file);
    assertThat(pieces.size()).isEqualTo(4);
    assertThat(pieces.id("日")).isEqualTo(2);
    assertThat(pieces.id("##s")).isEqualTo(3);
  }

  @Test
  void whatIsNoVocabularySaysWhere() throws IOException {
    Path twice = Files.writeString(folder.resolve("twice"), "[UNK]\na\na\n");
    assertThatThrownBy(() -> VocabularyFile.read(twice))
        .isInstanceOf(IOException.class)
        .hasMessage(twice + ": vocabulary: the piece a occurs twice");
    Path latin = Files.write(folder.resolve("latin"), new byte[] {'a', (byte) 0xe9, '\n'});
    assertThatThrownBy(() -> VocabularyFile.read(latin)).hasMessageContaining("expected UTF-8");
  }
}
