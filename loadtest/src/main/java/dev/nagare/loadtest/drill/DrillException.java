package dev.nagare.loadtest.drill;

import java.io.IOException;

/** A drill that could not be carried out, or that went so wrong that there is nothing to judge. */
final class DrillException extends IOException {
  private static final long serialVersionUID = 1L;

  DrillException(String message) {
    super(message);
  }
}
