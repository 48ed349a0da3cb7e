package dev.nagare.loadtest.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The Dockerfile by its structure: it is read as Docker reads it, instruction by instruction. */
class ImageTest {
  private static final Path ROOT = Path.of("..");

  /** An instruction with its argument, in the stage that it stands in (from 0). */
  private record Instruction(int stage, String name, String argument) {}

  @Test
  void isBuiltInOneStageAndRunInAnother() throws IOException {
    List<Instruction> from = named("FROM");
    assertThat(from).hasSize(2);
    assertThat(from.getFirst().argument()).contains("25").endsWith("AS build");
    assertThat(from).noneMatch(stage -> stage.argument().contains(":latest"));
    assertThat(named("COPY").stream().filter(copy -> copy.stage() == 1))
        .filteredOn(copy -> !copy.argument().startsWith("LICENSE"))
        .allMatch(copy -> copy.argument().startsWith("--from=build"));
  }

  @Test
  void runsAsAUserWithoutRights() throws IOException {
    assertThat(last("USER").argument()).isEqualTo("1000:0");
    assertThat(last("VOLUME").argument()).isEqualTo("/data");
  }

  @Test
  void theJvmIsTheFirstProcessAndGetsTheSignal() throws IOException {
    List<String> entry = list(last("ENTRYPOINT"));
    assertThat(entry.getFirst()).isEqualTo("java");
    assertThat(entry)
        .contains("-XX:+ExitOnOutOfMemoryError")
        .anyMatch(flag -> flag.startsWith("-XX:MaxRAMPercentage="));
    assertThat(list(last("CMD"))).startsWith("serve", "--config");
    assertThat(last("STOPSIGNAL").argument()).isEqualTo("SIGTERM");
  }

  @Test
  void theMainClassExistsAndTheFlagsAreThoseOfTheBuild() throws Exception {
    List<String> entry = list(last("ENTRYPOINT"));
    Class<?> main = Class.forName(entry.getLast(), false, getClass().getClassLoader());
    assertThat(main.getMethod("main", String[].class).getReturnType()).isEqualTo(void.class);
    String pom = Files.readString(ROOT.resolve("pom.xml"));
    int begin = pom.indexOf("<nagare.jvm.flags>") + "<nagare.jvm.flags>".length();
    String flags = pom.substring(begin, pom.indexOf("</nagare.jvm.flags>"));
    assertThat(entry).contains(flags.split(" "));
  }

  @Test
  void portsAndHealthAreThoseOfTheServer() throws IOException {
    assertThat(last("EXPOSE").argument().split(" ")).containsExactly("8000", "8001", "8002");
    String health = last("HEALTHCHECK").argument();
    assertThat(health).contains("GET /v2/health/live ").contains("Host: localhost");
  }

  /** The root file system is read-only when it runs, and the library is loaded before it ships. */
  @Test
  void theNativeLibraryIsUnpackedWhenTheImageIsBuilt() throws IOException {
    assertThat(named("ENV")).anyMatch(env -> env.argument().contains("NAGARE_NATIVE_DIR="));
    assertThat(named("RUN"))
        .anyMatch(
            run ->
                run.stage() == 1
                    && run.argument().contains(" doctor ")
                    && run.argument().contains("chmod -R a+rX /opt/nagare/native"));
  }

  @Test
  void labelsAreThoseOfTheOpenContainerInitiative() throws IOException {
    assertThat(last("LABEL").argument())
        .contains("org.opencontainers.image.title", "org.opencontainers.image.licenses");
  }

  @Test
  void benchmarksAndHistoryStayOutside() throws IOException {
    assertThat(Files.readAllLines(ROOT.resolve(".dockerignore")))
        .contains(".git", "**/target", "loadtest/src");
    assertThat(named("COPY")).noneMatch(copy -> copy.argument().contains("loadtest"));
  }

  private static Instruction last(String name) throws IOException {
    return named(name).getLast();
  }

  private static List<Instruction> named(String name) throws IOException {
    return instructions().stream().filter(one -> one.name().equals(name)).toList();
  }

  private static List<String> list(Instruction execForm) throws IOException {
    return new ObjectMapper().readValue(execForm.argument(), new TypeReference<>() {});
  }

  private static List<Instruction> instructions() throws IOException {
    String joined =
        Files.readString(ROOT.resolve("Dockerfile"))
            .replaceAll("(?m)^#.*\\R", "")
            .replaceAll("\\\\\\R\\s*", "");
    List<Instruction> instructions = new ArrayList<>();
    int stage = -1;
    for (String line : joined.lines().filter(line -> !line.isBlank()).toList()) {
      int space = line.indexOf(' ');
      String name = line.substring(0, space);
      stage += name.equals("FROM") ? 1 : 0;
      instructions.add(new Instruction(stage, name, line.substring(space + 1).strip()));
    }
    return instructions;
  }
}
