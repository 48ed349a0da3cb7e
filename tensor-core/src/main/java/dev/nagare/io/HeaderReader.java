package dev.nagare.io;

import java.io.IOException;
import java.util.Arrays;

/**
 * Reads the words of JSON that a safetensors header consists of: braces, strings, lists of whole
 * numbers. There is no way into a deeper value, so a hostile header cannot exhaust the stack.
 */
final class HeaderReader {
  private final String json;
  private int at;

  HeaderReader(String json) {
    this.json = json;
  }

  /** Passes over white space and one character. */
  void expect(char wanted) throws IOException {
    skipSpace();
    if (at >= json.length() || json.charAt(at) != wanted) {
      throw unexpected("'" + wanted + "'");
    }
    at++;
  }

  /** Whether another member follows in an object; passes over the comma or the closing brace. */
  boolean hasMember(boolean first) throws IOException {
    return hasNext(first, '}');
  }

  private boolean hasNext(boolean first, char close) throws IOException {
    skipSpace();
    if (at < json.length() && json.charAt(at) == close) {
      at++;
      return false;
    }
    if (!first) {
      expect(',');
      skipSpace();
    }
    return true;
  }

  /** Nothing but white space may follow. */
  void end() throws IOException {
    skipSpace();
    if (at != json.length()) {
      throw unexpected("the end of the header");
    }
  }

  /** A list of whole numbers from 0 up. */
  long[] numbers() throws IOException {
    long[] values = new long[4];
    int count = 0;
    expect('[');
    while (hasNext(count == 0, ']')) {
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count++] = number();
    }
    return Arrays.copyOf(values, count);
  }

  private long number() throws IOException {
    int start = at;
    while (at < json.length() && json.charAt(at) >= '0' && json.charAt(at) <= '9') {
      at++;
    }
    String digits = json.substring(start, at);
    if (digits.isEmpty() || (digits.length() > 1 && digits.charAt(0) == '0')) {
      at = start;
      throw unexpected("a whole number");
    }
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw new IOException("the number " + digits + " is too large", e);
    }
  }

  /** A string, its escapes resolved. */
  String string() throws IOException {
    expect('"');
    StringBuilder text = new StringBuilder();
    while (at < json.length()) {
      char c = json.charAt(at++);
      if (c == '"') {
        requireWhole(text);
        return text.toString();
      }
      if (c < ' ') {
        at--;
        throw unexpected("no control character in a string");
      }
      text.append(c == '\\' ? escaped() : c);
    }
    throw unexpected("the end of a string");
  }

  private char escaped() throws IOException {
    char c = at < json.length() ? json.charAt(at++) : 0;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> {
        at--;
        throw unexpected("an escape");
      }
    };
  }

  private char unicode() throws IOException {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = at < json.length() ? Character.digit(json.charAt(at), 16) : -1;
      if (digit < 0 || json.charAt(at) > 'f') {
        throw unexpected("four hexadecimal digits");
      }
      value = 16 * value + digit;
      at++;
    }
    return (char) value;
  }

  private void requireWhole(StringBuilder text) throws IOException {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw unexpected("no half of a character in a string");
      }
    }
  }

  private void skipSpace() {
    while (at < json.length() && " \t\r\n".indexOf(json.charAt(at)) >= 0) {
      at++;
    }
  }

  private IOException unexpected(String wanted) {
    String found = at < json.length() ? "found '" + json.charAt(at) + "'" : "the header ends there";
    return new IOException("header: expected " + wanted + " at character " + at + ", " + found);
  }
}
