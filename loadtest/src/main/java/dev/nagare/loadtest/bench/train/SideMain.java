package dev.nagare.loadtest.bench.train;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.StringJoiner;

/**
 * The main class of a side's JVM. Each line on standard input is an order, each line on standard
 * output its answer:
 *
 * <pre>
 * describe   library, version and setting
 * values N   the results of N steps
 * block N    the times of N steps, in nanoseconds
 * heap N     the bytes that N steps leave on the heap
 * </pre>
 *
 * <p>The end of the input ends the JVM, so none outlives its parent.
 */
final class SideMain {
  private SideMain() {}

  /** Runs the side named by the only argument. */
  public static void main(String[] args) throws IOException {
    // Libraries print where they please: standard output belongs to the answers.
    System.setOut(System.err);
    var answers =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    var orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (Workload workload = Side.valueOf(args[0]).open()) {
      for (String order = orders.readLine(); order != null; order = orders.readLine()) {
        int space = order.indexOf(' ');
        int count = space < 0 ? 0 : Integer.parseInt(order.substring(space + 1));
        answers.println(
            switch (space < 0 ? order : order.substring(0, space)) {
              case "describe" -> workload.description();
              case "values" -> values(workload, count);
              case "block" -> block(workload, count);
              case "heap" -> Long.toString(heap(workload, count));
              default -> throw new IOException("unknown order " + order);
            });
      }
    }
  }

  private static String values(Workload workload, int count) {
    var line = new StringJoiner(" ");
    for (int i = 0; i < count; i++) {
      workload.prepare();
      line.add(Float.toString(workload.step()));
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
