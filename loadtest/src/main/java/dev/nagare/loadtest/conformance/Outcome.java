package dev.nagare.loadtest.conformance;

/**
 * What became of a case.
 *
 * @param name of the case
 * @param rule in a sentence
 * @param verdict passed, failed or skipped
 * @param why it failed or was skipped; empty if it passed
 */
public record Outcome(String name, String rule, Verdict verdict, String why) {

  /** How it ended. */
  public enum Verdict {
    PASSED,
    FAILED,
    SKIPPED
  }
}
