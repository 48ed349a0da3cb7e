package dev.nagare.server.demo.telemetry;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * A cursor over the text of a {@code /proc} file: words, numbers and lines, without a copy. At the
 * end of a line words are empty and numbers are 0, so a shorter line of an older kernel reads as
 * zeros. Not thread-safe.
 */
final class ProcText {
  private byte[] bytes = {};
  private int end;
  private int at;

  /** Starts at the beginning of another text, which is not copied. */
  ProcText reset(byte[] text, int length) {
    bytes = text;
    end = length;
    at = 0;
    return this;
  }

  static ProcText of(String text) {
    byte[] bytes = text.getBytes(US_ASCII);
    return new ProcText().reset(bytes, bytes.length);
  }

  boolean atEnd() {
    return at >= end;
  }

  /** Goes to the beginning of the next line. */
  void nextLine() {
    while (at < end && bytes[at++] != '\n') {
      // Skips the rest of this line.
    }
  }

  /** The next word of this line, without a colon behind it. */
  String word() {
    skipBlanks();
    int from = at;
    while (at < end && bytes[at] > ' ' && bytes[at] != ':') {
      at++;
    }
    var word = new String(bytes, from, at - from, US_ASCII);
    if (at < end && bytes[at] == ':') {
      at++;
    }
    return word;
  }

  /** Skips this many words of this line. */
  void skip(int words) {
    for (int i = 0; i < words; i++) {
      skipBlanks();
      while (at < end && bytes[at] > ' ') {
        at++;
      }
    }
  }

  /** The next whole number of this line; counters of 64 bits wrap into negative ones. */
  long number() {
    skipBlanks();
    long value = 0;
    while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
      value = value * 10 + (bytes[at++] - '0');
    }
    return value;
  }

  /** The next decimal number of this line, such as {@code 0.52}. */
  double decimal() {
    double value = number();
    if (at < end && bytes[at] == '.') {
      int point = ++at;
      long fraction = number();
      value += fraction / Math.pow(10, at - point);
    }
    return value;
  }

  private void skipBlanks() {
    while (at < end && (bytes[at] == ' ' || bytes[at] == '\t')) {
      at++;
    }
  }
}
