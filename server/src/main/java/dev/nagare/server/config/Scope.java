package dev.nagare.server.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a caller may do. */
public enum Scope {
  /** Ask for predictions, descriptions, statistics and the stream of events. */
  INFER,
  /** Give events and labels that a model learns from, labels of any prediction. */
  LEARN,
  /** Load, unload and roll back. */
  MANAGE;

  /** As it is written in files and tokens: {@code infer}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The scope that is written so, if there is one. */
  public static Optional<Scope> of(String word) {
    return Arrays.stream(values()).filter(scope -> scope.word().equals(word)).findFirst();
  }
}
