package dev.nagare.models.repository;

import org.jspecify.annotations.Nullable;

/**
 * What a model may be called, wherever its name comes from: a folder, a start-up file, a path, a
 * message. Such a name can stand in a path, in a topic and in a metric as it is.
 */
public final class ModelName {
  /** In words, for refusals. */
  public static final String EXPECTED =
      "1 to 64 of a-z, 0-9, '.', '_' and '-', not beginning with '.'";

  /** The same as a regular expression. */
  public static final String PATTERN = "[a-z0-9_-][a-z0-9._-]{0,63}";

  private static final int MOST = 64;
  private static final int MOST_SHOWN = 80;

  private ModelName() {}

  /** Whether a model can have this name. */
  public static boolean fits(String text) {
    boolean fits = !text.isEmpty() && text.length() <= MOST && text.charAt(0) != '.';
    for (int i = 0; fits && i < text.length(); i++) {
      fits = mayHold(text.charAt(i));
    }
    return fits;
  }

  private static boolean mayHold(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  }

  /** What is wrong with a name; null if nothing is. */
  public static @Nullable String fault(String text) {
    return fits(text)
        ? null
        : "model name: expected "
            + EXPECTED
            + ", got '"
            + (text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "…")
            + "'";
  }
}
