package dev.nagare.loadtest.drill;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What a drill found, for machines.
 *
 * @param drill its name
 * @param seed of everything that was left to chance
 * @param sabotage promise that was broken on purpose; {@code none} if none was
 * @param kills faults that were made and count
 * @param uncommitted_kills those that found work which no checkpoint had
 * @param hash_undisturbed state of a fresh process that read the same log from its start
 * @param hash_killed state of the learner that was disturbed
 * @param examples rows that it learned
 * @param lost records of the input that came out nowhere
 * @param repeated records of the input that came out more than once
 * @param good whether all promises were kept
 * @param faults what was wrong, a sentence each
 * @param seconds that the drill took
 * @param details one entry per fault that was made
 */
record DrillReport(
    String drill,
    long seed,
    String sabotage,
    int kills,
    int uncommitted_kills,
    String hash_undisturbed,
    String hash_killed,
    long examples,
    long lost,
    long repeated,
    boolean good,
    List<String> faults,
    double seconds,
    List<?> details) {

  /** The verdict for a person. */
  String verdict() {
    var text = new StringBuilder();
    if (good) {
      text.append(
          String.format(
              Locale.ROOT,
              "verdict: GOOD. %d faults, %d of them in uncommitted work: %,d rows learned once each,"
                  + " %d records lost, %d repeated;%nthe state is that of learners that nobody"
                  + " disturbed, bit for bit: %s%n",
              kills,
              uncommitted_kills,
              examples,
              lost,
              repeated,
              hash_killed));
    } else {
      text.append(String.format("verdict: BAD%n"));
      faults.forEach(fault -> text.append(String.format("  - %s%n", fault)));
    }
    return text.append(String.format(Locale.ROOT, "%.0f s%n", seconds)).toString();
  }

  void write(Path file) throws IOException {
    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), this);
  }
}
