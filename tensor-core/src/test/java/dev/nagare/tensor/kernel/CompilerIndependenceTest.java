package dev.nagare.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Bits do not change when a compiler takes over, nor with which one does. */
class CompilerIndependenceTest {

  @Test
  void interpreterAndBothCompilersGiveTheSameBitsInEveryRound() throws Exception {
    Process interpreted = start(1, "-Xint");
    String compiled = result(start(1500));
    assertThat(compiled).startsWith("same ");
    assertThat(result(start(3, "-XX:TieredStopAtLevel=1"))).isEqualTo(compiled);
    assertThat(result(interpreted)).isEqualTo(compiled);
  }

  @Test
  void narrowerVectorsGiveTheSameBits() throws Exception {
    String usual = result(start(1));
    assertThat(usual).startsWith("same ");
    for (String width : List.of("16", "32")) {
      assertThat(result(start(300, "-XX:MaxVectorSize=" + width)))
          .as("%s bytes", width)
          .isEqualTo(usual);
    }
  }

  private static Process start(int rounds, String... flags) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--add-modules=jdk.incubator.vector");
    command.add("-Xmx256m");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(KernelHashes.class.getName(), Integer.toString(rounds)));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private static String result(Process process) throws Exception {
    try {
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(output).isZero();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }
}
