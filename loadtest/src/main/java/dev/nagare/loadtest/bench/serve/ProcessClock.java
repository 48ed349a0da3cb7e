package dev.nagare.loadtest.bench.serve;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a process of this machine has used, as Linux counts it: processor time of its threads in
 * nanoseconds ({@code schedstat}; {@code /proc/PID/stat} has hundredths of a second), and memory.
 */
final class ProcessClock {
  private final Path process;

  ProcessClock(long pid) {
    process = Path.of("/proc", Long.toString(pid));
  }

  /** Processor time of the threads that live, in seconds. */
  double cpuSeconds() throws IOException {
    long nanos = 0;
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(process.resolve("task"))) {
      for (Path thread : threads) {
        nanos += nanos(thread);
      }
    }
    return nanos / 1e9;
  }

  private static long nanos(Path thread) throws IOException {
    try {
      String text = Files.readString(thread.resolve("schedstat"));
      return Long.parseLong(text.substring(0, text.indexOf(' ')));
    } catch (IOException e) {
      return 0; // it ended meanwhile
    }
  }

  /** Memory of the process that is in RAM. */
  double residentBytes() throws IOException {
    try (Stream<String> lines = Files.lines(process.resolve("status"))) {
      String line = lines.filter(text -> text.startsWith("VmRSS:")).findFirst().orElseThrow();
      return Double.parseDouble(line.replaceAll("[^0-9]", "")) * 1024;
    }
  }
}
