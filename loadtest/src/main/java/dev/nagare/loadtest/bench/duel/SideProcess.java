package dev.nagare.loadtest.bench.duel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** A side's JVM as its parent drives it. Used by one thread. */
public final class SideProcess implements AutoCloseable {
  private final Side side;
  private final Process process;
  private final Writer orders;
  private final BufferedReader answers;

  /**
   * Starts it.
   *
   * @throws IOException if no JVM can be started
   */
  public SideProcess(Side side) throws IOException {
    this.side = side;
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // The flags that this JVM was given (native access, vector module) suit its children.
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--") || flag.startsWith("-Dnagare"))
        .forEach(command::add);
    command.addAll(side.jvmFlags());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(SideMain.class.getName(), side.opener().getName()));
    command.addAll(side.arguments());
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

  /** Library, version and setting. */
  public String description() throws IOException {
    return ask("describe");
  }

  /** The outputs of each of so many steps. */
  public List<float[]> outputs(int steps) throws IOException {
    if (steps == 0) {
      return List.of();
    }
    List<float[]> outputs = new ArrayList<>();
    for (String step : ask("outputs " + steps).split(" ", -1)) {
      var bytes = ByteBuffer.wrap(Base64.getDecoder().decode(step)).order(ByteOrder.LITTLE_ENDIAN);
      FloatBuffer floats = bytes.asFloatBuffer();
      float[] values = new float[floats.remaining()];
      floats.get(values);
      outputs.add(values);
    }
    return outputs;
  }

  /** Times of steps in seconds. */
  public double[] block(int steps) throws IOException {
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

  /** Memory of its process that is in RAM, as Linux counts it. */
  public double residentBytes() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc", process.pid() + "", "status"))) {
      String line = lines.filter(text -> text.startsWith("VmRSS:")).findFirst().orElseThrow();
      return Double.parseDouble(line.replaceAll("[^0-9]", "")) * 1024;
    }
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
