package dev.nagare.loadtest.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PowerCutFilesTest {
  @TempDir Path folder;
  private final byte[] content = new byte[1000];

  @BeforeEach
  void fill() {
    Arrays.fill(content, (byte) 7);
  }

  @Test
  void whatWasSyncedSurvivesACut() throws IOException {
    var files = new PowerCutFiles(false, 0);
    write(files, folder.resolve("a.tmp"));
    files.sync(folder.resolve("a.tmp"));
    files.rename(folder.resolve("a.tmp"), folder.resolve("a"));
    files.cut();
    assertThat(folder.resolve("a")).hasBinaryContent(content);
  }

  @Test
  void whatWasNotSyncedIsTornUnderItsNewName() throws IOException {
    var files = new PowerCutFiles(false, 0);
    write(files, folder.resolve("a.tmp"));
    files.rename(folder.resolve("a.tmp"), folder.resolve("a"));
    files.cut();
    assertThat(Files.readAllBytes(folder.resolve("a"))).hasSize(999).endsWith(0);
  }

  @Test
  void aDiskThatOnlyPretendsLosesWhatItSynced() throws IOException {
    var files = new PowerCutFiles(true, 0);
    write(files, folder.resolve("a"));
    files.sync(folder.resolve("a"));
    files.cut();
    assertThat(Files.readAllBytes(folder.resolve("a"))).isNotEqualTo(content);
  }

  @Test
  void aFullDiskRefusesAndThenHasRoom() throws IOException {
    var files = new PowerCutFiles(false, 1);
    assertThatThrownBy(() -> write(files, folder.resolve("a")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("No space left");
    write(files, folder.resolve("a"));
    assertThat(folder.resolve("a")).exists();
  }

  private void write(PowerCutFiles files, Path file) throws IOException {
    try (OutputStream out = files.create(file)) {
      out.write(content);
    }
  }
}
