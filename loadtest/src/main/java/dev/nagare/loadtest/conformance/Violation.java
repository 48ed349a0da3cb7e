package dev.nagare.loadtest.conformance;

import org.jspecify.annotations.Nullable;

/** A rule is broken: what was expected, what came. */
final class Violation extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Violation(String message) {
    super(message, null, false, false);
  }

  /** Throws unless it holds. */
  static void unless(boolean holds, String expected, @Nullable Object got) {
    if (!holds) {
      throw new Violation("expected " + expected + ", got " + got);
    }
  }
}
