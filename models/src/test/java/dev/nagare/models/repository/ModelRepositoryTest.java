package dev.nagare.models.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.models.inference.Precision;
import dev.nagare.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelRepositoryTest {
  @TempDir private Path folder;

  @Test
  void servesTheNewestVersionOfEachModelUnlessItIsToldOtherwise() throws IOException {
    model("digits", 9);
    Path ten = model("digits", 10);
    model("sentences", 1);
    Files.createDirectories(folder.resolve(".git"));
    Files.createDirectories(folder.resolve("digits").resolve("notes"));
    Files.createFile(folder.resolve("readme"));
    var repository = new ModelRepository(folder);
    assertThat(repository.models().stream().flatMap(model -> model.wanted().stream()))
        .containsExactly(
            new ModelPackage("digits", 10, ten),
            new ModelPackage("sentences", 1, folder.resolve("sentences/1/model.onnx")));
    assertThat(repository.names()).containsExactly("digits", "sentences");
    assertThat(versions(repository.model("digits").present())).containsExactly(9L, 10L);
  }

  @Test
  void namesEveryFaultAtOnce() throws IOException {
    model("Digits", 1);
    Files.createDirectories(folder.resolve("empty"));
    Files.createDirectories(folder.resolve("half/3"));
    assertThatThrownBy(() -> new ModelRepository(folder).models())
        .isInstanceOf(RepositoryException.class)
        .hasMessageContaining("Digits: model name: expected 1 to 64 of a-z")
        .hasMessageContaining("empty: expected a folder named by a version")
        .hasMessageContaining("half/3/model.onnx: there is no such file");
  }

  @Test
  void refusesLinksThatLeadOut(@TempDir Path elsewhere) throws IOException {
    Path secret = Files.createFile(elsewhere.resolve("model.onnx"));
    Files.createDirectories(folder.resolve("m/1"));
    Files.createSymbolicLink(folder.resolve("m/1/model.onnx"), secret);
    Files.createDirectories(folder.resolve("n"));
    Files.createSymbolicLink(folder.resolve("n/1"), elsewhere);
    model("o", 1);
    Files.createSymbolicLink(folder.resolve("o/model.yaml"), secret);
    assertThatThrownBy(() -> new ModelRepository(folder).models())
        .hasMessageContaining("m/1/model.onnx: the link leads out of")
        .hasMessageContaining("n/1/model.onnx: the link leads out of")
        .hasMessageContaining("o/model.yaml: the link leads out of");
  }

  @Test
  void aLinkInsideTheFolderIsFollowed() throws IOException {
    model("m", 1);
    Files.createSymbolicLink(folder.resolve("m/2"), folder.resolve("m/1"));
    assertThat(versions(new ModelRepository(folder).model("m").wanted())).containsExactly(2L);
  }

  @Test
  void aModelsOwnFileIsReadIfItIsThereAndLiesInTheFolder(@TempDir Path elsewhere)
      throws IOException {
    model("m", 1);
    var own = new ModelFile(VersionPolicy.NEWEST, null, 7, new Precision(DType.BF16, 0.5));
    var repository = new ModelRepository(folder, file -> own);
    assertThat(repository.model("m").says()).isEqualTo(ModelFile.NONE);
    Path file = folder.resolve("m/model.yaml");
    Files.createSymbolicLink(file, Files.createFile(elsewhere.resolve("secret")));
    assertThatThrownBy(() -> repository.model("m"))
        .hasMessageContaining("m/model.yaml: the link leads out of");
    Files.delete(file);
    Files.createFile(file);
    assertThat(repository.model("m").says()).isEqualTo(own);
    assertThat(new ModelRepository(folder).model("m").says()).isEqualTo(ModelFile.NONE);
  }

  @Test
  void whatCannotBeReadIsAFaultAndNotAModelThatHasGone() throws IOException {
    assertThatThrownBy(() -> new ModelRepository(folder.resolve("none")).names())
        .hasMessageContaining("none: cannot be read");
    assertThatThrownBy(() -> new ModelRepository(folder.resolve("none")).models())
        .hasMessageContaining("none: cannot be read");
    // A link to itself: nobody, whatever he may do, can look at it.
    Files.createSymbolicLink(folder.resolve("m"), folder.resolve("m"));
    model("n", 1);
    Files.createSymbolicLink(folder.resolve("n/2"), folder.resolve("n/2"));
    var repository = new ModelRepository(folder);
    assertThat(repository.names()).containsExactly("m", "n");
    assertThatThrownBy(() -> repository.model("m")).hasMessageContaining("m: cannot be read");
    assertThatThrownBy(() -> repository.model("n")).hasMessageContaining("n/2: cannot be read");
  }

  @Test
  void aPolicySaysWhichVersionsAreServed() throws IOException {
    for (int version = 1; version <= 4; version++) {
      model("m", version);
    }
    Files.delete(folder.resolve("m/1/model.onnx")); // nobody wants it, nobody minds
    assertThat(wanted(new VersionPolicy.Latest(1), null)).containsExactly(4L);
    assertThat(wanted(new VersionPolicy.Latest(3), null)).containsExactly(2L, 3L, 4L);
    assertThat(wanted(new VersionPolicy.Specific(List.of(4L, 2L)), null)).containsExactly(2L, 4L);
    assertThatThrownBy(() -> wanted(new VersionPolicy.All(), null))
        .hasMessageContaining("m/1/model.onnx: there is no such file");
    assertThatThrownBy(() -> wanted(new VersionPolicy.Specific(List.of(2L, 7L)), null))
        .hasMessageContaining("model.yaml: versions: expected some of [1, 2, 3, 4], got [2, 7]");
    model("m", 1);
    assertThat(wanted(new VersionPolicy.All(), null)).containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void aCanaryIsServedBesideWhatThePolicyServesOfTheOthers() throws IOException {
    model("m", 1);
    assertThatThrownBy(() -> wanted(VersionPolicy.NEWEST, new CanaryShare(1, 0.5)))
        .hasMessageContaining("canary: expected another version beside it");
    model("m", 2);
    model("m", 3);
    assertThat(wanted(VersionPolicy.NEWEST, new CanaryShare(3, 0.5))).containsExactly(2L, 3L);
    assertThat(wanted(VersionPolicy.NEWEST, new CanaryShare(1, 0.5))).containsExactly(1L, 3L);
    assertThatThrownBy(() -> wanted(VersionPolicy.NEWEST, new CanaryShare(9, 0.5)))
        .hasMessageContaining("canary: expected one of the versions [1, 2, 3], got 9");
  }

  private List<Long> wanted(VersionPolicy policy, @Nullable CanaryShare canary) throws IOException {
    Files.writeString(folder.resolve("m/model.yaml"), "read by others");
    var repository =
        new ModelRepository(
            folder, file -> new ModelFile(policy, canary, Long.MAX_VALUE, Precision.F32));
    return versions(repository.model("m").wanted());
  }

  private static List<Long> versions(List<ModelPackage> packages) {
    return packages.stream().map(ModelPackage::version).toList();
  }

  private Path model(String name, int version) throws IOException {
    Path at = Files.createDirectories(folder.resolve(name).resolve(Integer.toString(version)));
    return Files.writeString(at.resolve("model.onnx"), "not read here");
  }
}
