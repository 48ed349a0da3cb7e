package dev.nagare.loadtest.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** The machine that a figure was measured on. */
public final class MachineFacts {
  /** As this process began: a bench may move it to one of them. */
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  private MachineFacts() {}

  /** CPU, cores, operating system and Java, in one line. */
  public static String line() throws IOException {
    return String.format(
        Locale.ROOT,
        "%s, %d processors, %s %s, Java %s (%s)",
        cpu(),
        PROCESSORS,
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        Runtime.version(),
        System.getProperty("java.vm.vendor"));
  }

  private static String cpu() throws IOException {
    if (!Files.isReadable(CPUINFO)) {
      return System.getProperty("os.arch");
    }
    try (Stream<String> lines = Files.lines(CPUINFO)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    }
  }
}
