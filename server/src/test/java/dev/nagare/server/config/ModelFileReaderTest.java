package dev.nagare.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.models.inference.Precision;
import dev.nagare.models.repository.CanaryShare;
import dev.nagare.models.repository.ModelFile;
import dev.nagare.models.repository.RepositoryException;
import dev.nagare.models.repository.Reuse;
import dev.nagare.models.repository.VersionPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelFileReaderTest {
  @TempDir private Path folder;

  @Test
  void anEmptyFileSaysWhatNoFileSays() throws IOException {
    assertThat(read("")).isEqualTo(ModelFile.NONE);
  }

  @Test
  void readsPoliciesCanariesAndLimits() throws IOException {
    assertThat(read("versions: all").versions()).isEqualTo(new VersionPolicy.All());
    assertThat(read("versions: {latest: 3}").versions()).isEqualTo(new VersionPolicy.Latest(3));
    assertThat(read("versions: {specific: [4, 2]}").versions())
        .isEqualTo(new VersionPolicy.Specific(List.of(4L, 2L)));
    assertThat(read("canary: {version: 7, share: 0.05}\nmemory-limit-bytes: 1048576"))
        .isEqualTo(
            new ModelFile(VersionPolicy.NEWEST, new CanaryShare(7, 0.05), 1 << 20, Precision.F32));
    assertThat(read("shadow: {version: 7, share: 0.5}").canary())
        .isEqualTo(new CanaryShare(7, 0.5, true));
    assertThat(read("cache-bytes: 65536").reuse()).isEqualTo(Reuse.cache(65_536));
    assertThat(read("coalesce: true").reuse()).isEqualTo(new Reuse(0, true));
    assertThat(read("cache-bytes: 0")).isEqualTo(ModelFile.NONE);
    assertThat(read("canary: {version: 7, share: 1}").canary()).isEqualTo(new CanaryShare(7, 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "versions: some | versions: expected all, or {latest: 2}, or {specific: [1, 3]}, got 'some'",
        "versions: {newest: 1} | versions: expected all, or {latest: 2}",
        "versions: {latest: 0} | versions.latest: expected a whole number from 1 to 1000, got '0'",
        "versions: {specific: []} | versions.specific: expected at least one version",
        "versions: {specific: [1, 2b]} | expected versions such as 3, got '2b'",
        "versions: {specific: [1], latest: 2} | versions.latest: only without specific",
        "canary: {share: 0.5} | canary.version: expected the version that is tried, such as 3, got none",
        "canary: {version: 2, share: 0} | canary.share: expected a number above 0, at most 1",
        "canary: {version: 2, share: 0.000} | canary.share: expected a number above 0, at most 1",
        "canary: {version: 2, share: 1.5} | canary.share: expected a number above 0, at most 1",
        "shadow: {version: 2} | shadow.share: expected a number above 0, at most 1, such as 0.1",
        "{canary: {version: 2, share: 1}, shadow: {version: 3, share: 1}} | shadow: expected canary or"
            + " shadow, got both",
        "memory-limit-bytes: 1 GiB | memory-limit-bytes: expected a whole number of at least 0",
        "cache-bytes: 1 MiB | cache-bytes: expected a whole number of at least 0, got '1 MiB'",
        "cache-bytes: 65535 | cache-bytes: expected 0, or at least 65536, got 65535",
        "cache-bytes: 9000000000000000000 | cache-bytes: expected at most half of the heap, which is ",
        "memory-limit: 1 | model.yaml:1: memory-limit: unknown; known here: versions, canary",
        "- 1 | model.yaml:1: expected sections",
      })
  void namesWhatIsWrongWithItsPlace(String text, String fault) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(RepositoryException.class)
        .hasMessageContaining(fault);
  }

  @Test
  void refusesAFileThatIsNoFileOfThisKind() {
    assertThatThrownBy(() -> read("#".repeat(70_000)))
        .hasMessageContaining("expected at most 65536 bytes, got 70000");
  }

  @Test
  void whatIsOfOneVersionHasItsPlaceInTheFileOfThatVersion() {
    assertThatThrownBy(() -> read("output: {classes: {}}"))
        .hasMessageContaining(
            "model.yaml:1: output: of one version: expected in the model.yaml of its folder");
  }

  private ModelFile read(String text) throws IOException {
    return new ModelFileReader().read(Files.writeString(folder.resolve("model.yaml"), text));
  }
}
