package dev.nagare.loadtest.bench.duel;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.StringJoiner;

/**
 * The main class of a side's JVM. Each line on standard input is an order, each line on standard
 * output its answer:
 *
 * <pre>
 * describe   library, version and setting
 * outputs N  the outputs of each of N steps, as bytes of floats in base 64
 * block N    the times of N steps, in nanoseconds
 * heap N     the bytes that N steps leave on the heap
 * </pre>
 *
 * <p>The end of the input ends the JVM, so none outlives its parent.
 */
final class SideMain {
  private SideMain() {}

  /** Runs a side: the class of its opener, and its arguments. */
  public static void main(String[] args) throws IOException {
    // Libraries print where they please: standard output belongs to the answers.
    System.setOut(System.err);
    var answers =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    var orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    List<String> arguments = Arrays.asList(args);
    try (Workload workload = opener(args[0]).open(arguments.subList(1, args.length))) {
      for (String order = orders.readLine(); order != null; order = orders.readLine()) {
        int space = order.indexOf(' ');
        int count = space < 0 ? 0 : Integer.parseInt(order.substring(space + 1));
        answers.println(
            switch (space < 0 ? order : order.substring(0, space)) {
              case "describe" -> workload.description();
              case "outputs" -> outputs(workload, count);
              case "block" -> block(workload, count);
              case "heap" -> Long.toString(heap(workload, count));
              default -> throw new IOException("unknown order " + order);
            });
      }
    }
  }

  private static Side.Opener opener(String className) {
    try {
      Class<?> opener = Class.forName(className);
      var constructor = opener.asSubclass(Side.Opener.class).getDeclaredConstructor();
      constructor.setAccessible(true); // openers are of no interest outside of their suites
      return constructor.newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(className + " opens nothing", e);
    }
  }

  private static String outputs(Workload workload, int count) {
    var line = new StringJoiner(" ");
    for (int i = 0; i < count; i++) {
      workload.prepare();
      float[] outputs = workload.outputs(workload.step());
      var bytes = ByteBuffer.allocate(4 * outputs.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(outputs);
      line.add(Base64.getEncoder().encodeToString(bytes.array()));
    }
    return line.toString();
  }

  private static String block(Workload workload, int count) {
    long[] nanos = new long[count];
    for (int i = 0; i < count; i++) {
      workload.prepare();
      long start = System.nanoTime();
      workload.step();
      nanos[i] = System.nanoTime() - start;
    }
    var line = new StringJoiner(" ");
    for (long time : nanos) {
      line.add(Long.toString(time));
    }
    return line.toString();
  }

  private static long heap(Workload workload, int count) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < count; i++) {
      workload.prepare();
      workload.step();
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
