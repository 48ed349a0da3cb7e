package dev.nagare.loadtest.bench.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderTest {
  @TempDir private Path folder;

  @Test
  void aVersionIsThereAsAWholeAndNothingElseIsInTheFolder() throws Exception {
    Path models = Files.createDirectory(folder.resolve("models"));
    var at = new ModelFolder(models);
    at.add(
        "a",
        1,
        file -> {
          assertThat(file.startsWith(models)).isFalse();
          Files.writeString(file, "1");
        });
    at.add("a", 2, file -> Files.writeString(file, "2"));
    assertThat(models.resolve("a/1/model.onnx")).hasContent("1");
    assertThat(models.resolve("a/2/model.onnx")).hasContent("2");
    at.says("a", "precision: bf16\n");
    assertThat(models.resolve("a/model.yaml")).hasContent("precision: bf16");
    assertThat(folder).isDirectoryNotContaining(entry -> !entry.equals(models));
  }
}
