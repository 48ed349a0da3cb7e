package dev.nagare.models.text;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON of a trusted size into maps, lists, strings, doubles and booleans: this module has no
 * library for it, and one file kind needs it. How deep values lie is limited, so that no file
 * exhausts the stack.
 */
final class JsonText {
  private static final int DEEPEST = 64;

  private final String json;
  private int at;

  JsonText(String json) {
    this.json = json;
  }

  /** The one value of the text. */
  @Nullable Object value() throws IOException {
    Object value = value(0);
    skipSpace();
    if (at != json.length()) {
      throw unexpected("the end");
    }
    return value;
  }

  private @Nullable Object value(int depth) throws IOException {
    if (depth > DEEPEST) {
      throw new IOException("JSON: values lie deeper than " + DEEPEST);
    }
    skipSpace();
    return switch (peek()) {
      case '{' -> object(depth);
      case '[' -> list(depth);
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", null);
      default -> number();
    };
  }

  private Map<String, @Nullable Object> object(int depth) throws IOException {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    at++;
    for (boolean first = true; hasNext('}', first); first = false) {
      skipSpace();
      String name = string();
      skipSpace();
      expect(':');
      if (members.containsKey(name)) {
        throw new IOException("JSON: the member " + name + " occurs twice");
      }
      members.put(name, value(depth + 1));
    }
    return members;
  }

  private List<@Nullable Object> list(int depth) throws IOException {
    List<@Nullable Object> values = new ArrayList<>();
    at++;
    for (boolean first = true; hasNext(']', first); first = false) {
      values.add(value(depth + 1));
    }
    return values;
  }

  /** Passes over a comma, or over the end. */
  private boolean hasNext(char end, boolean first) throws IOException {
    skipSpace();
    if (peek() == end) {
      at++;
      return false;
    }
    if (!first) {
      expect(',');
    }
    return true;
  }

  private String string() throws IOException {
    expect('"');
    var text = new StringBuilder();
    for (char c = next(); c != '"'; c = next()) {
      text.append(c == '\\' ? escaped() : c);
    }
    return text.toString();
  }

  private char escaped() throws IOException {
    char c = next();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int value = 0;
        for (int i = 0; i < 4; i++) {
          int digit = Character.digit(next(), 16);
          if (digit < 0) {
            throw unexpected("four hexadecimal digits");
          }
          value = 16 * value + digit;
        }
        yield (char) value;
      }
      default -> throw unexpected("an escape");
    };
  }

  private Double number() throws IOException {
    int start = at;
    while (at < json.length() && "+-.eE0123456789".indexOf(json.charAt(at)) >= 0) {
      at++;
    }
    try {
      return Double.valueOf(json.substring(start, at));
    } catch (NumberFormatException e) {
      at = start;
      throw unexpected("a value");
    }
  }

  private @Nullable Object word(String word, @Nullable Object value) throws IOException {
    if (!json.startsWith(word, at)) {
      throw unexpected(word);
    }
    at += word.length();
    return value;
  }

  private void skipSpace() {
    while (at < json.length() && " \t\r\n".indexOf(json.charAt(at)) >= 0) {
      at++;
    }
  }

  private char peek() {
    return at < json.length() ? json.charAt(at) : 0;
  }

  private char next() throws IOException {
    if (at >= json.length()) {
      throw unexpected("the end of a string");
    }
    return json.charAt(at++);
  }

  private void expect(char wanted) throws IOException {
    if (peek() != wanted) {
      throw unexpected("'" + wanted + "'");
    }
    at++;
  }

  private IOException unexpected(String wanted) {
    String found = at < json.length() ? "found '" + json.charAt(at) + "'" : "the text ends there";
    return new IOException("JSON: expected " + wanted + " at character " + at + ", " + found);
  }
}
