package dev.nagare.loadtest.drill;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the drill of labels found, for machines.
 *
 * @param seed of everything that was left to chance
 * @param kills of the server
 * @param requests that were sent
 * @param answered requests that were answered
 * @param labels in their topic
 * @param fates how many of them met which fate
 * @param good whether all promises were kept
 * @param faults what was wrong, a sentence each
 * @param seconds that the drill took
 */
record LabelsReport(
    long seed,
    int kills,
    int requests,
    int answered,
    int labels,
    Map<String, Integer> fates,
    boolean good,
    List<String> faults,
    double seconds) {

  /** The verdict for a person. */
  String verdict() {
    var text = new StringBuilder();
    if (good) {
      text.append(
          String.format(
              Locale.ROOT,
              "verdict: GOOD. %d kills, %,d requests, %,d answered, each of those recorded once;"
                  + " %,d labels, one fate each: %s%n",
              kills,
              requests,
              answered,
              labels,
              fates));
    } else {
      text.append(String.format("verdict: BAD%n"));
      faults.forEach(fault -> text.append(String.format("  - %s%n", fault)));
    }
    return text.append(String.format(Locale.ROOT, "%.0f s%n", seconds)).toString();
  }
}
