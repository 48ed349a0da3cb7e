package dev.nagare.streaming.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * Decimal numbers in ASCII, such as {@code -12.5e3}, read where they stand.
 *
 * <p>Most have at most 19 digits and a small power of ten: those are exact in a double but for one
 * correctly rounded product or quotient (Clinger, "How to Read Floating Point Numbers Accurately",
 * 1990) and allocate nothing. The others go through the JDK. Either way the result is the nearest
 * number, so that all codecs give the same bits.
 */
final class DecimalText {
  private static final long MOST_EXACT = 1L << 53;

  private static final double[] POWERS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  /** The bits of a double that a float does not have, and the middle between two floats in them. */
  private static final long BEYOND_FLOAT = (1L << 29) - 1;

  private static final long MIDDLE = 1L << 28;

  private DecimalText() {}

  /**
   * Whether the bytes are sign, digits with a point somewhere, exponent; all but digits optional.
   */
  static boolean isNumber(byte[] text, int from, int to) {
    int at = from;
    if (at < to && (text[at] == '-' || text[at] == '+')) {
      at++;
    }
    int whole = at;
    at = digits(text, at, to);
    int digits = at - whole;
    if (at < to && text[at] == '.') {
      int fraction = at + 1;
      at = digits(text, fraction, to);
      digits += at - fraction;
    }
    if (digits == 0) {
      return false;
    }
    if (at < to && (text[at] == 'e' || text[at] == 'E')) {
      at++;
      if (at < to && (text[at] == '-' || text[at] == '+')) {
        at++;
      }
      int exponent = at;
      at = digits(text, at, to);
      if (at == exponent) {
        return false;
      }
    }
    return at == to;
  }

  private static int digits(byte[] text, int from, int to) {
    int at = from;
    while (at < to && text[at] >= '0' && text[at] <= '9') {
      at++;
    }
    return at;
  }

  /** The nearest double of a text that {@link #isNumber}. */
  static double toDouble(byte[] text, int from, int to) {
    boolean negative = text[from] == '-';
    long mantissa = 0;
    int power = 0;
    boolean fraction = false;
    for (int at = negative || text[from] == '+' ? from + 1 : from; at < to; at++) {
      byte b = text[at];
      if (b == '.') {
        fraction = true;
      } else if (b == 'e' || b == 'E') {
        power += exponent(text, at + 1, to);
        break;
      } else if (mantissa > MOST_EXACT / 10) {
        return Double.parseDouble(string(text, from, to));
      } else {
        mantissa = mantissa * 10 + (b - '0');
        power -= fraction ? 1 : 0;
      }
    }
    if (mantissa > MOST_EXACT || Math.abs(power) >= POWERS.length) {
      return Double.parseDouble(string(text, from, to));
    }
    double magnitude = power < 0 ? mantissa / POWERS[-power] : mantissa * POWERS[power];
    return negative ? -magnitude : magnitude;
  }

  /** The nearest float of a text that {@link #isNumber}. */
  static float toFloat(byte[] text, int from, int to) {
    double nearest = toDouble(text, from, to);
    // The nearest float of the nearest double may be the wrong one of two if that double is the
    // middle between them, or where floats are further apart than usual.
    boolean middle = (Double.doubleToRawLongBits(nearest) & BEYOND_FLOAT) == MIDDLE;
    boolean tiny = nearest != 0 && Math.abs(nearest) < Float.MIN_NORMAL;
    return middle || tiny ? Float.parseFloat(string(text, from, to)) : (float) nearest;
  }

  /** A power of ten; far beyond any double's where it is far beyond it. */
  private static int exponent(byte[] text, int from, int to) {
    boolean negative = text[from] == '-';
    int exponent = 0;
    for (int at = negative || text[from] == '+' ? from + 1 : from; at < to; at++) {
      exponent = Math.min(100_000_000, exponent * 10 + (text[at] - '0'));
    }
    return negative ? -exponent : exponent;
  }

  private static String string(byte[] text, int from, int to) {
    return new String(text, from, to - from, ISO_8859_1);
  }
}
