package dev.nagare.streaming;

import dev.nagare.models.repository.ModelPackage;

/** A version could not be loaded; the message says which, and why. */
final class LoadException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient ModelPackage found;
  private final String reason;

  LoadException(ModelPackage found, String reason, Throwable cause) {
    super(
        "model '"
            + found.name()
            + "' version "
            + found.version()
            + " could not be loaded: "
            + reason,
        cause);
    this.found = found;
    this.reason = reason;
  }

  /** Which version it is. */
  long version() {
    return found.version();
  }

  /** Why, without which. */
  String reason() {
    return reason;
  }
}
