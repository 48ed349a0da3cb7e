package dev.nagare.server.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The server's JVM: Vector API, native access, and each provider of kernels. */
final class KernelChecks {
  private static final int PATIENCE_SECONDS = 20;

  private KernelChecks() {}

  /**
   * Runs {@link KernelProbe}.
   *
   * @param flags file with the server's JVM flags; null for the least that the kernels need
   */
  static List<Finding> run(@Nullable Path flags) throws InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (flags != null) {
      command.add("@" + flags);
    } else {
      command.addAll(
          List.of("--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.incubator.vector"));
    }
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), KernelProbe.class.getName()));
    Path output = null;
    try {
      output = Files.createTempFile("nagare-doctor", ".txt");
      var builder = new ProcessBuilder(command);
      builder.redirectOutput(output.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD);
      Process probe = builder.start();
      boolean ended = probe.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (!ended) {
        probe.destroyForcibly().waitFor();
      }
      return findings(Files.readAllLines(output, UTF_8), ended ? probe.exitValue() : -1);
    } catch (IOException e) {
      return List.of(
          Finding.fail(
              "kernels",
              "cannot be tried: " + e.getMessage(),
              "make the temporary folder writable"));
    } finally {
      delete(output);
    }
  }

  private static void delete(@Nullable Path file) {
    if (file != null && !file.toFile().delete()) {
      file.toFile().deleteOnExit();
    }
  }

  /** What the probe's lines mean; an exit code other than 0 means that it crashed or hung. */
  static List<Finding> findings(List<String> lines, int exitCode) {
    var findings = new ArrayList<Finding>();
    boolean any = false;
    for (String line : lines) {
      String[] field = line.split("\t", -1);
      switch (field[0]) {
        case "vector" -> findings.add(vector(field[1].equals("yes")));
        case "native" -> findings.add(nativeAccess(field[1].equals("yes")));
        case "kernels" -> {
          boolean works = field[2].equals("ok");
          any |= works;
          findings.add(
              works
                  ? Finding.ok("kernels/" + field[1], field[3])
                  : Finding.warn(
                      "kernels/" + field[1], field[3], "the next provider answers, more slowly"));
        }
        default -> {}
      }
    }
    if (exitCode != 0) {
      findings.add(
          Finding.fail(
              "kernels",
              exitCode < 0
                  ? "do not answer within " + PATIENCE_SECONDS + " s"
                  : "the JVM that tried them ended with exit code " + exitCode,
              "report it with hs_err_pid*.log of this folder"));
    } else if (!any) {
      findings.add(Finding.fail("kernels", "none works here", "build again: ./nagare doctor"));
    }
    return findings;
  }

  private static Finding vector(boolean present) {
    return present
        ? Finding.ok("vector-api", "jdk.incubator.vector is there")
        : Finding.warn(
            "vector-api",
            "jdk.incubator.vector is not there: scalar kernels, many times slower",
            "start the JVM with --add-modules=jdk.incubator.vector");
  }

  private static Finding nativeAccess(boolean enabled) {
    return enabled
        ? Finding.ok("native-access", "enabled")
        : Finding.fail(
            "native-access",
            "not enabled: oneDNN cannot be called",
            "start the JVM with --enable-native-access=ALL-UNNAMED");
  }
}
