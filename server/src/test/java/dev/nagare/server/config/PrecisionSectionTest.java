package dev.nagare.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.models.inference.Accuracy;
import dev.nagare.models.inference.Precision;
import dev.nagare.models.repository.RepositoryException;
import dev.nagare.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a model computes, as its {@code model.yaml} says. */
class PrecisionSectionTest {
  @TempDir private Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("model.yaml"), text);
  }

  private Precision precision(String text) throws IOException {
    return new ModelFileReader().read(file(text)).precision();
  }

  @Test
  void aModelComputesInF32UnlessItsFileSaysBf16() throws IOException {
    assertThat(precision("")).isEqualTo(Precision.F32);
    assertThat(precision("precision: f32")).isEqualTo(Precision.F32);
    assertThat(precision("precision: bf16"))
        .isEqualTo(new Precision(DType.BF16, Accuracy.LEAST_COSINE));
    assertThat(precision("{precision: bf16, least-cosine: 0.99}"))
        .isEqualTo(new Precision(DType.BF16, 0.99));
    assertThat(precision("{precision: bf16, least-cosine: -1}"))
        .isEqualTo(new Precision(DType.BF16, -1));
  }

  @Test
  void everyFaultOfPrecisionIsListedWithItsLine() throws IOException {
    assertThatThrownBy(() -> precision("precision: f16\nleast-cosine: 0.9\nspeed: 2\n"))
        .isInstanceOf(RepositoryException.class)
        .hasMessageContaining("model.yaml:1: precision: expected f32 or bf16, got 'f16'")
        .hasMessageContaining("model.yaml:2: least-cosine: only with precision: bf16")
        .hasMessageContaining("model.yaml:3: speed: unknown; known here: ");
    assertThatThrownBy(() -> precision("precision: bf16\nleast-cosine: 1.5\n"))
        .hasMessageContaining(
            "model.yaml:2: least-cosine: expected a number from -1 to 1, got 1.5");
    assertThatThrownBy(() -> precision("precision: bf16\nleast-cosine: much\n"))
        .hasMessageContaining("model.yaml:2: least-cosine: expected a number of at least -1.0");
    assertThatThrownBy(() -> precision("a".repeat(70_000)))
        .hasMessageContaining("expected at most 65536 bytes, got 70000");
  }
}
