package dev.nagare.loadtest.process;

import java.io.IOException;

/** A process that did not do what was asked of it: what it was, and the end of what it printed. */
public final class ProcessException extends IOException {
  private static final long serialVersionUID = 1L;

  ProcessException(String message) {
    super(message);
  }
}
