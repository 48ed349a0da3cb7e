package dev.nagare.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A JVM of a measurement's own: what the compilers made of other tests' calls is not part of what
 * is measured.
 */
public final class ChildJvm {
  private ChildJvm() {}

  /**
   * Runs the class's main to its end, which has to be a good one, and returns the lines it printed.
   */
  public static List<String> run(Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    return run(List.of(), main, arguments);
  }

  /** The same with more flags for the JVM. */
  public static List<String> run(List<String> flags, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-Xbatch")); // compiles at a count of calls, however busy the machine is
    command.addAll(flags);
    command.addAll(List.of("-cp", classPath, main.getName()));
    command.addAll(List.of(arguments));
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<String> output;
    try (var lines = child.inputReader(StandardCharsets.UTF_8)) {
      output = lines.lines().toList();
    }
    assertThat(child.waitFor()).isZero();
    return output;
  }
}
