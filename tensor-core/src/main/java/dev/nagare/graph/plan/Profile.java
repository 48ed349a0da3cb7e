package dev.nagare.graph.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Where the time of a run goes.
 *
 * @param lines one per step, in the order in which they run
 */
public record Profile(List<Line> lines) {
  /** Copies the list. */
  public Profile {
    lines = List.copyOf(lines);
  }

  /**
   * One step.
   *
   * @param name of the node
   * @param operation what it computes
   * @param implementation what computes it
   * @param output what it writes
   * @param micros median time
   */
  public record Line(
      String name, String operation, String implementation, String output, double micros) {}

  static Profile of(Plan plan, long[][] nanos) {
    var lines = new ArrayList<Line>();
    for (int i = 0; i < nanos.length; i++) {
      PlanStep step = plan.steps().get(i);
      long[] sorted = nanos[i].clone();
      Arrays.sort(sorted);
      lines.add(
          new Line(
              step.name(),
              step.operation(),
              step.implementation(),
              step.outputs().isEmpty() ? "" : step.outputs().getFirst().toString(),
              sorted[sorted.length / 2] / 1e3));
    }
    return new Profile(lines);
  }

  /** Sum of the medians. */
  public double micros() {
    return lines.stream().mapToDouble(Line::micros).sum();
  }

  /** The steps that take longest, longest first. */
  public List<Line> slowest(int count) {
    return lines.stream()
        .sorted(Comparator.comparingDouble(Line::micros).reversed())
        .limit(count)
        .toList();
  }

  /** One line per step, in the order in which they run. */
  @Override
  public String toString() {
    var text = new StringBuilder();
    double all = micros();
    for (Line line : lines) {
      text.append(
          String.format(
              Locale.ROOT,
              "%9.1f us %5.1f %%  %-40s %-28s %s%n",
              line.micros,
              100 * line.micros / all,
              line.operation,
              line.implementation,
              line.output));
    }
    return text.append(String.format(Locale.ROOT, "%9.1f us in all%n", all)).toString();
  }
}
