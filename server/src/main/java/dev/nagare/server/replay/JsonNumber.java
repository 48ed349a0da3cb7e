package dev.nagare.server.replay;

import java.math.BigDecimal;
import java.util.regex.Pattern;

/** Numbers of a CSV file as JSON spells them: {@code +.5} is 0.5 there. */
final class JsonNumber {
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,4})?");
  private static final Pattern JSON = Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?");

  private JsonNumber() {}

  /** Whether a text is a decimal number, with blanks around it or not. */
  static boolean matches(String text) {
    return DECIMAL.matcher(text.strip()).matches();
  }

  /** The number as JSON spells it; as it stands wherever that is possible. */
  static String of(String text) {
    String number = text.strip();
    return JSON.matcher(number).matches() ? number : new BigDecimal(number).toString();
  }
}
