package dev.nagare.loadtest.drill.verify;

import java.util.ArrayList;
import java.util.List;

/** What the verifier found wrong, a sentence each. Used by one thread. */
public final class Faults {
  private static final int MOST_OF_A_KIND = 5;

  private final List<String> sentences = new ArrayList<>();

  /** Notes a fault. */
  public void add(String sentence) {
    sentences.add(sentence);
  }

  /** Notes a fault unless both are equal. */
  public void unlessEqual(String what, Object expected, Object got) {
    if (!expected.equals(got)) {
      add(what + ": expected " + expected + ", got " + got);
    }
  }

  /** Notes some faults of one kind, and how many more there are. */
  public void addAll(String what, List<?> cases) {
    if (!cases.isEmpty()) {
      List<?> shown = cases.subList(0, Math.min(MOST_OF_A_KIND, cases.size()));
      String more = cases.size() > shown.size() ? ", … (" + cases.size() + " in all)" : "";
      add(what + ": " + String.join(", ", shown.stream().map(String::valueOf).toList()) + more);
    }
  }

  /** All of them, in the order in which they were found. */
  public List<String> sentences() {
    return List.copyOf(sentences);
  }
}
