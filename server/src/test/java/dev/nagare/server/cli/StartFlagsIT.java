package dev.nagare.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rehearsal and a start after it, of a small program with the server's flags and class path. */
class StartFlagsIT {
  private static final String PROBE = "dev.nagare.server.doctor.KernelProbe";

  @TempDir Path temp;

  @Test
  void aStartAfterARehearsalHasItsClassesLinkedAndTheSameKernels() throws Exception {
    Path module = temp.resolve("server");
    Path sources = Files.createDirectories(module.resolve("src/main/jvm")).resolve("serve.args");
    Files.createDirectories(module.resolve("target"));
    Files.copy(Path.of("src/main/jvm/serve.args"), sources);
    var flags = new StartFlags(module, "serve");
    List<String> usual = run(flags.file());
    assertThat(usual)
        .contains("vector\tyes")
        .anyMatch(line -> line.startsWith("kernels\tvector\tok"));

    run(flags.rehearsal());
    flags.rehearsed();
    assertThat(flags.file()).isNotEqualTo(sources);
    Path cache = temp.resolve("cache.log");
    Path log = temp.resolve("classes.log");
    List<String> linked =
        run(flags.file(), "-Xlog:class+load=info:file=" + log, "-Xlog:aot=info:file=" + cache);
    assertThat(Files.readString(cache)).contains("Using AOT-linked classes: true");
    assertThat(said(linked)).isEqualTo(said(usual));
    for (String type :
        List.of("dev.nagare.tensor.kernel.VectorTiles", "jdk.incubator.vector.FloatVector")) {
      assertThat(Files.readAllLines(log))
          .anyMatch(line -> line.contains(" " + type + " source: shared objects file"));
    }
  }

  @Test
  void theFlagsInPlaceOfTheModuleAreThoseThatTheJvmSetsForIt() throws Exception {
    List<String> said = run(Path.of("src/main/jvm/serve.args"), "-Xlog:compilation=info");
    List<String> set =
        said.stream()
            .map(Pattern.compile("(EnableVector\\w+)=true")::matcher)
            .filter(Matcher::find)
            .map(found -> "-XX:+" + found.group(1))
            .distinct()
            .toList();
    assertThat(set).isNotEmpty().isSubsetOf(VectorJar.FLAGS);
  }

  private static List<String> said(List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith("kernels\t") || line.startsWith("vector\t"))
        .toList();
  }

  private List<String> run(Path flags, String... more) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + flags);
    command.addAll(List.of(more));
    command.addAll(List.of("-cp", Path.of("target/lib") + "/*", PROBE));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.lines().toList();
  }
}
