package dev.nagare.server.config;

import java.util.List;

/**
 * A configuration that cannot be used, with all its faults: place, what was expected, what came.
 */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> faults;

  /** Creates the exception from one line per fault, at least one. */
  public ConfigException(List<String> faults) {
    super(
        (faults.size() == 1 ? "1 fault" : faults.size() + " faults")
            + " in the configuration:\n  "
            + String.join("\n  ", faults),
        null,
        false,
        false);
    this.faults = List.copyOf(faults);
  }

  /** One line per fault, in the order of the settings. */
  public List<String> faults() {
    return faults;
  }
}
