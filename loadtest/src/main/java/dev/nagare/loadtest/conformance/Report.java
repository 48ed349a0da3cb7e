package dev.nagare.loadtest.conformance;

import dev.nagare.loadtest.conformance.Outcome.Verdict;
import java.util.List;

/**
 * What became of every case.
 *
 * @param outcomes in the order in which they were tried
 */
public record Report(List<Outcome> outcomes) {

  /** Whether no rule was broken. */
  public boolean clean() {
    return count(Verdict.FAILED) == 0;
  }

  /** How many cases ended so. */
  public long count(Verdict verdict) {
    return outcomes.stream().filter(outcome -> outcome.verdict() == verdict).count();
  }

  /** For people: a line for each case, and below it why, if it did not pass. */
  public String table() {
    int width = outcomes.stream().mapToInt(outcome -> outcome.name().length()).max().orElse(0);
    var text = new StringBuilder();
    for (Outcome outcome : outcomes) {
      String mark =
          switch (outcome.verdict()) {
            case PASSED -> "ok     ";
            case FAILED -> "FAILED ";
            case SKIPPED -> "skipped";
          };
      text.append(mark)
          .append("  ")
          .append(outcome.name())
          .append(" ".repeat(width - outcome.name().length() + 2))
          .append(outcome.rule())
          .append('\n');
      if (outcome.verdict() != Verdict.PASSED) {
        text.append(" ".repeat(mark.length() + width + 4)).append(outcome.why()).append('\n');
      }
    }
    return text.append(count(Verdict.PASSED))
        .append(" passed, ")
        .append(count(Verdict.FAILED))
        .append(" failed, ")
        .append(count(Verdict.SKIPPED))
        .append(" skipped\n")
        .toString();
  }
}
