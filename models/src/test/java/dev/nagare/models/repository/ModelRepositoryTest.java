package dev.nagare.models.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelRepositoryTest {
  @TempDir private Path folder;

  @Test
  void findsTheNewestVersionOfEachModel() throws IOException {
    Path nine = model("digits", "9");
    Path ten = model("digits", "10");
    model("sentences", "1");
    Files.createDirectories(folder.resolve(".git"));
    Files.createDirectories(folder.resolve("digits").resolve("notes"));
    assertThat(new ModelRepository(folder).newest())
        .containsExactly(
            new ModelPackage("digits", 10, ten),
            new ModelPackage("sentences", 1, folder.resolve("sentences/1/model.onnx")))
        .doesNotContain(new ModelPackage("digits", 9, nine));
  }

  @Test
  void namesEveryFaultAtOnce() throws IOException {
    model("Digits", "1");
    Files.createDirectories(folder.resolve("empty"));
    Files.createDirectories(folder.resolve("half/3"));
    assertThatThrownBy(() -> new ModelRepository(folder).newest())
        .isInstanceOf(RepositoryException.class)
        .hasMessageContaining("Digits: expected a name of a-z")
        .hasMessageContaining("empty: expected a folder named by a version")
        .hasMessageContaining("half/3/model.onnx: there is no such file");
  }

  @Test
  void refusesALinkThatLeadsOut(@TempDir Path elsewhere) throws IOException {
    Path secret = Files.createFile(elsewhere.resolve("secret.onnx"));
    Files.createDirectories(folder.resolve("m/1"));
    Files.createSymbolicLink(folder.resolve("m/1/model.onnx"), secret);
    assertThatThrownBy(() -> new ModelRepository(folder).newest())
        .hasMessageContaining("m/1/model.onnx: the link leads out of");
  }

  @Test
  void saysThatTheFolderIsMissing() {
    assertThatThrownBy(() -> new ModelRepository(folder.resolve("none")).newest())
        .hasMessageContaining("none: cannot be read");
  }

  private Path model(String name, String version) throws IOException {
    Path at = Files.createDirectories(folder.resolve(name).resolve(version));
    return Files.createFile(at.resolve("model.onnx"));
  }
}
