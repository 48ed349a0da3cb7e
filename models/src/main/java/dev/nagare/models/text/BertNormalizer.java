package dev.nagare.models.text;

import java.text.Normalizer;

/**
 * Makes texts alike that mean the same: control characters go, white space becomes spaces, Chinese
 * characters stand alone, accents and capitals go.
 *
 * <p>Immutable, for any number of threads. Source: the {@code BertNormalizer} of Hugging Face
 * tokenizers, in its order: clean, Chinese characters, accents, lower case. Case is changed
 * character by character, so a final sigma is no other than one within a word.
 *
 * @param cleanText drops control characters, makes all white space spaces
 * @param chineseApart puts spaces around characters of the CJK ideograph blocks
 * @param stripAccents drops marks that take no place of their own
 * @param lowercase makes letters small
 */
public record BertNormalizer(
    boolean cleanText, boolean chineseApart, boolean stripAccents, boolean lowercase) {

  /** As models called uncased have it. */
  public static final BertNormalizer UNCASED = new BertNormalizer(true, true, true, true);

  /** The text, made alike. */
  public String normalize(String text) {
    StringBuilder clean = new StringBuilder(text.length() + 16);
    text.codePoints().forEach(c -> appendClean(clean, c));
    if (!stripAccents && !lowercase) {
      return clean.toString();
    }
    String apart = stripAccents ? Normalizer.normalize(clean, Normalizer.Form.NFD) : clean + "";
    StringBuilder alike = new StringBuilder(apart.length());
    apart.codePoints().forEach(c -> appendAlike(alike, c));
    return alike.toString();
  }

  private void appendClean(StringBuilder out, int c) {
    int shown = c;
    if (cleanText) {
      if (c == 0xfffd || isControl(c)) {
        return;
      }
      shown = isWhiteSpace(c) ? ' ' : c;
    }
    if (chineseApart && isChinese(c)) {
      out.append(' ').appendCodePoint(shown).append(' ');
    } else {
      out.appendCodePoint(shown);
    }
  }

  private void appendAlike(StringBuilder out, int c) {
    if (stripAccents && Character.getType(c) == Character.NON_SPACING_MARK) {
      return;
    }
    out.appendCodePoint(lowercase ? Character.toLowerCase(c) : c);
  }

  /** Unicode's White_Space. */
  static boolean isWhiteSpace(int c) {
    return switch (Character.getType(c)) {
      case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> (c >= '\t' && c <= '\r') || c == 0x85;
    };
  }

  private static boolean isControl(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL -> c != '\t' && c != '\n' && c != '\r';
      case Character.FORMAT, Character.PRIVATE_USE, Character.SURROGATE, Character.UNASSIGNED ->
          true;
      default -> false;
    };
  }

  /** The blocks that BERT was trained with; kana and hangul are words with spaces. */
  private static boolean isChinese(int c) {
    return (c >= 0x4e00 && c <= 0x9fff)
        || (c >= 0x3400 && c <= 0x4dbf)
        || (c >= 0x20000 && c <= 0x2a6df)
        || (c >= 0x2a700 && c <= 0x2b73f)
        || (c >= 0x2b740 && c <= 0x2b81f)
        || (c >= 0x2b920 && c <= 0x2ceaf)
        || (c >= 0xf900 && c <= 0xfaff)
        || (c >= 0x2f800 && c <= 0x2fa1f);
  }
}
