package dev.nagare.streaming.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a caller wants an answer written: an affair of the door, which models know nothing of.
 *
 * @param binary whether outputs go as bytes after the JSON unless they say otherwise
 * @param outputs those that were named
 */
public record AnswerForm(boolean binary, List<Named> outputs) {
  /** Everything as JSON. */
  public static final AnswerForm JSON = new AnswerForm(false, List.of());

  /** Everything as bytes. */
  static final AnswerForm BINARY = new AnswerForm(true, List.of());

  /**
   * An output that was asked for by name.
   *
   * @param name of the output
   * @param binary whether it goes as bytes; null for as the others
   * @param classes so many of the highest scores, as text; 0 for the tensor itself
   */
  public record Named(String name, @Nullable Boolean binary, int classes) {}

  /** Whether an output goes as bytes. */
  boolean isBinary(String output) {
    Named named = named(output);
    Boolean own = named == null ? null : named.binary();
    return own == null ? binary : own;
  }

  /** How many classes of an output are wanted; 0 for the tensor itself. */
  int classes(String output) {
    Named named = named(output);
    return named == null ? 0 : named.classes();
  }

  private @Nullable Named named(String output) {
    for (Named named : outputs) {
      if (named.name().equals(output)) {
        return named;
      }
    }
    return null;
  }
}
