package dev.nagare.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.jar.JarFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartFlagsTest {
  @TempDir Path temp;
  private Path target;
  private Path sources;
  private StartFlags flags;

  @BeforeEach
  void aModule() throws IOException {
    Path module = temp.resolve("a \"module\"");
    target = Files.createDirectories(module.resolve("target"));
    sources = Files.createDirectories(module.resolve("src/main/jvm")).resolve("serve.args");
    Files.write(sources, List.of("# why", "--add-modules=jdk.incubator.vector", "-Xmx64m"));
    flags = new StartFlags(module, "serve");
  }

  @Test
  void withoutARehearsalTheFlagsAreThoseOfTheSources() throws IOException {
    assertThat(flags.file()).isEqualTo(sources);
  }

  @Test
  void aRehearsalHasTheVectorApiOnTheBootClassPathAndWritesACache() throws IOException {
    assertThat(Files.readAllLines(flags.rehearsal()))
        .startsWith("# why", "-Xbootclasspath/a:" + quoted("vector", ".jar"))
        .contains(
            "-XX:+EnableVectorSupport", "-Xmx64m", "-XX:AOTCacheOutput=" + quoted("serve", ".aot"))
        .doesNotContain("--add-modules=jdk.incubator.vector");
    try (var jar = new JarFile(of("vector", ".jar").toFile())) {
      assertThat(jar.getEntry("jdk/incubator/vector/FloatVector.class")).isNotNull();
      assertThat(jar.getEntry("module-info.class")).isNull();
    }
    assertThat(flags.file()).isEqualTo(sources);
  }

  @Test
  void afterARehearsalTheCacheIsRead() throws IOException {
    flags.rehearsal();
    Files.writeString(of("serve", ".aot"), "cache");
    FileTime jar = Files.getLastModifiedTime(of("vector", ".jar"));
    flags.rehearsed();
    assertThat(flags.file()).isEqualTo(of("serve", ".args"));
    assertThat(Files.readAllLines(flags.file()))
        .contains("-XX:AOTCache=" + quoted("serve", ".aot"), "-XX:+EnableVectorSupport", "-Xmx64m");
    assertThat(Files.getLastModifiedTime(of("vector", ".jar")))
        .as("a cache belongs to the jars of its moment")
        .isEqualTo(jar);
  }

  @Test
  void aRehearsalThatWroteNothingChangesNothing() throws IOException {
    flags.rehearsal();
    flags.rehearsed();
    assertThat(flags.file()).isEqualTo(sources);
  }

  @Test
  void flagsThatChangedSinceTheRehearsalHold() throws IOException {
    flags.rehearsal();
    Files.writeString(of("serve", ".aot"), "cache");
    flags.rehearsed();
    Files.setLastModifiedTime(sources, FileTime.from(Instant.now().plusSeconds(10)));
    assertThat(flags.file()).isEqualTo(sources);
  }

  /** A file of this JDK. */
  private Path of(String name, String ending) {
    return target.resolve(name + "-" + System.getProperty("java.runtime.version") + ending);
  }

  private String quoted(String name, String ending) {
    return '"' + of(name, ending).toString().replace("\"module\"", "\\\"module\\\"") + '"';
  }
}
