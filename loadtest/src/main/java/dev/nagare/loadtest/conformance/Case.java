package dev.nagare.loadtest.conformance;

import java.io.IOException;

/**
 * One rule, to be tried.
 *
 * @param name as the report prints it
 * @param rule in a sentence
 * @param trial throws {@link Violation} if the rule is broken, {@link NotTried} if it does not
 *     apply
 */
public record Case(String name, String rule, Trial trial) {

  /** A few calls, and what is expected of their answers. */
  @FunctionalInterface
  public interface Trial {
    /** Makes the calls. */
    void run(Subject subject) throws IOException, InterruptedException;
  }
}
