package dev.nagare.loadtest.bench.train;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A side's JVM as its parent drives it. Used by one thread. */
final class SideProcess implements AutoCloseable {
  private final Side side;
  private final Process process;
  private final Writer orders;
  private final BufferedReader answers;

  SideProcess(Side side) throws IOException {
    this.side = side;
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // The flags that this JVM was given (native access, vector module) suit its children.
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--") || flag.startsWith("-Dnagare"))
        .forEach(command::add);
    command.addAll(side.jvmFlags());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(SideMain.class.getName(), side.name()));
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(side.environment());
    builder.environment().putIfAbsent("DJL_CACHE_DIR", cacheFolder().resolve("djl").toString());
    process = builder.start();
    orders = process.outputWriter();
    answers = process.inputReader();
  }

  /** Where the peer unpacks its library, once: the user's cache, not a folder of its own liking. */
  private static Path cacheFolder() {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path base =
        cache == null || cache.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(cache);
    return base.resolve("nagare");
  }

  String description() throws IOException {
    return ask("describe");
  }

  double[] values(int count) throws IOException {
    return numbers(ask("values " + count));
  }

  /** Times of steps in seconds. */
  double[] block(int steps) throws IOException {
    double[] times = numbers(ask("block " + steps));
    for (int i = 0; i < times.length; i++) {
      times[i] /= 1e9;
    }
    return times;
  }

  /** Bytes that a step leaves on the heap, over so many steps. */
  double heapPerStep(int steps) throws IOException {
    return Double.parseDouble(ask("heap " + steps)) / steps;
  }

  private String ask(String order) throws IOException {
    orders.write(order + "\n");
    orders.flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException(side + " ended on \"" + order + "\": its own error stands above");
    }
    return answer;
  }

  private static double[] numbers(String line) {
    return Arrays.stream(line.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  /** Ends the JVM by ending its input, and waits for it. */
  @Override
  public void close() throws IOException {
    try (orders;
        answers) {
      orders.close();
      if (!process.waitFor(10, java.util.concurrent.TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
