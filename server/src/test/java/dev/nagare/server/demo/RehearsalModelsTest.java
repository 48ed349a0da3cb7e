package dev.nagare.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.models.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RehearsalModelsTest {
  @TempDir Path temp;

  @Test
  void aRehearsalServesTheKnownModelsAnImageNetworkAndARecurrentOne() throws IOException {
    Path known = temp.resolve("known");
    Files.createDirectories(known.resolve("sentences/1"));
    Files.writeString(known.resolve("sentences/1/model.yaml"), "input: {}");
    Path folder = RehearsalModels.write(temp.resolve("models"), known);
    assertThat(folder.resolve("sentences/1/model.yaml")).hasContent("input: {}");
    for (String model : new String[] {"image", "recurrent"}) {
      try (var read = OnnxModel.read(folder.resolve(model).resolve("1/model.onnx"))) {
        assertThat(read.unsupported()).isEmpty();
      }
    }
  }

  @Test
  void withoutKnownModelsThereAreTheOtherTwo() throws IOException {
    Path folder = RehearsalModels.write(temp.resolve("models"), null);
    assertThat(folder)
        .isDirectoryContaining("glob:**image")
        .isDirectoryContaining("glob:**recurrent");
  }
}
