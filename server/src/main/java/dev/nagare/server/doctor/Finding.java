package dev.nagare.server.doctor;

import java.util.Locale;

/**
 * One thing that was looked at.
 *
 * @param check what was looked at: {@code jdk}, {@code cpu}, {@code kernels/onednn} …
 * @param verdict how it is
 * @param found what is there
 * @param remedy what to do; empty if nothing needs to be done
 */
record Finding(String check, Verdict verdict, String found, String remedy) {

  /** How a thing is. */
  enum Verdict {
    /** As it should be. */
    OK,
    /** Nagare works, but slower or in part. */
    WARN,
    /** Nagare does not work. */
    FAIL;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Finding ok(String check, String found) {
    return new Finding(check, Verdict.OK, found, "");
  }

  static Finding warn(String check, String found, String remedy) {
    return new Finding(check, Verdict.WARN, found, remedy);
  }

  static Finding fail(String check, String found, String remedy) {
    return new Finding(check, Verdict.FAIL, found, remedy);
  }

  /** The finding for a person, remedy included. */
  String line() {
    String text = String.format(Locale.ROOT, "%-4s  %-16s  %s", verdict.word(), check, found);
    return remedy.isEmpty() ? text : text + "\n" + " ".repeat(24) + "→ " + remedy;
  }
}
