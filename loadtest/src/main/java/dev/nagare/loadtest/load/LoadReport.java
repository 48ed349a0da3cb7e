package dev.nagare.loadtest.load;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.HdrHistogram.AbstractHistogram;

/**
 * What a run of load saw. Latencies are in milliseconds, counted from the moment at which a request
 * was due, not from the one at which it could be sent.
 *
 * @param askedRate requests per second that were asked for
 * @param achievedRate answers per second until the last one came
 * @param requests that were due
 * @param answered with any status
 * @param outcomes answers by status code, and {@code timeout}, {@code connection}, {@code not sent}
 * @param latencyMillis by {@code p50}, {@code p90}, {@code p99}, {@code p99.9} and {@code max}; a
 *     request without an answer counts with the time that it had waited
 */
public record LoadReport(
    double askedRate,
    double achievedRate,
    long requests,
    long answered,
    SortedMap<String, Long> outcomes,
    Map<String, Double> latencyMillis) {

  static LoadReport of(
      LoadPlan plan, AbstractHistogram nanos, SortedMap<String, Long> outcomes, double seconds) {
    long answered =
        outcomes.entrySet().stream()
            .filter(outcome -> Character.isDigit(outcome.getKey().charAt(0)))
            .mapToLong(Map.Entry::getValue)
            .sum();
    Map<String, Double> latency = new LinkedHashMap<>();
    for (String percentile : List.of("50", "90", "99", "99.9")) {
      double value = nanos.getValueAtPercentile(Double.parseDouble(percentile));
      latency.put("p" + percentile, value / 1e6);
    }
    latency.put("max", nanos.getMaxValue() / 1e6);
    return new LoadReport(
        plan.rate(),
        answered / seconds,
        plan.requests(),
        answered,
        new TreeMap<>(outcomes),
        latency);
  }

  /** Whether every request was answered with a status of 2xx. */
  public boolean clean() {
    return outcomes.entrySet().stream()
            .filter(outcome -> outcome.getKey().startsWith("2"))
            .mapToLong(Map.Entry::getValue)
            .sum()
        == requests;
  }

  /** The report for a person. */
  public String table() {
    var text = new StringBuilder();
    text.append(
        String.format(
            "asked     %,.1f requests/s, %,d in all%nachieved  %,.1f answers/s, %,d in all%n",
            askedRate, requests, achievedRate, answered));
    text.append("latency   from the intended start, ms\n");
    latencyMillis.forEach((name, ms) -> text.append(String.format("  %-8s%,12.3f%n", name, ms)));
    text.append("outcomes\n");
    outcomes.forEach((name, count) -> text.append(String.format("  %-8s %,11d%n", name, count)));
    return text.toString();
  }
}
