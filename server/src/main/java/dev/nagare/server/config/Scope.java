package dev.nagare.server.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a caller may do. */
public enum Scope {
  /** Ask for predictions, descriptions, statistics and the stream of events. */
  INFER,
  /** Give events that a model learns from, and labels of predictions that the caller asked for. */
  LEARN,
  /** Load, unload and roll back. */
  MANAGE,
  /** Give labels of anybody's predictions, together with {@link #LEARN}. */
  LABEL_ANY;

  /** As it is written in files and tokens: {@code infer}, {@code label:any}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', ':');
  }

  /** All of them, for people. */
  public static String words() {
    return String.join(", ", Arrays.stream(values()).map(Scope::word).toList());
  }

  /** The scope that is written so, if there is one. */
  public static Optional<Scope> of(String word) {
    return Arrays.stream(values()).filter(scope -> scope.word().equals(word)).findFirst();
  }
}
