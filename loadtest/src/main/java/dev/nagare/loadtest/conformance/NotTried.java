package dev.nagare.loadtest.conformance;

/** A rule does not apply to this server or model. */
final class NotTried extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotTried(String why) {
    super(why, null, false, false);
  }
}
