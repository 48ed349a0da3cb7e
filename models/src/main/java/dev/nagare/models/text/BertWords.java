package dev.nagare.models.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a text into words: at white space, which goes, and around each punctuation mark, which is a
 * word of its own.
 *
 * <p>Source: the {@code BertPreTokenizer} of Hugging Face tokenizers. Marks are Unicode's
 * punctuation and what ASCII has of symbols, such as {@code $} and {@code +}.
 */
final class BertWords {
  private BertWords() {}

  static List<String> of(String text) {
    List<String> words = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      int next = i + Character.charCount(c);
      boolean mark = isPunctuation(c);
      if (mark || BertNormalizer.isWhiteSpace(c)) {
        add(words, text, start, i);
        add(words, text, i, mark ? next : i);
        start = next;
      }
      i = next;
    }
    add(words, text, start, text.length());
    return words;
  }

  private static void add(List<String> words, String text, int from, int to) {
    if (from < to) {
      words.add(text.substring(from, to));
    }
  }

  private static boolean isPunctuation(int c) {
    if (c < 0x80) {
      return c > ' ' && c < 0x7f && !Character.isLetterOrDigit(c);
    }
    return switch (Character.getType(c)) {
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          true;
      default -> false;
    };
  }
}
