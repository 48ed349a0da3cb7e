package dev.nagare.server.config;

import org.jspecify.annotations.Nullable;

/**
 * A key of the start-up file, or of a {@code model.yaml}, as the code that reads it declares it,
 * with what the {@link Reference} says of it. Default and range are those of the reading itself,
 * unless words say them better.
 *
 * @param name in its section
 * @param effect what it does, and what it trades: a sentence, Markdown with links as from {@code
 *     docs/}
 * @param unit of the value; empty for none
 * @param usual the default in words, where it depends on something; else null
 * @param range what may stand here, in words, where the reading's own words say less; else null
 */
record Key(
    String name, String effect, String unit, @Nullable String usual, @Nullable String range) {

  static Key of(String name, String effect) {
    return new Key(name, effect, "", null, null);
  }

  Key in(String measure) {
    return new Key(name, effect, measure, usual, range);
  }

  Key usually(String words) {
    return new Key(name, effect, unit, words, range);
  }

  Key within(String words) {
    return new Key(name, effect, unit, usual, words);
  }
}
