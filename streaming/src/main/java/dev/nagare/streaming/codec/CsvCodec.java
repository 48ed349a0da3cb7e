package dev.nagare.streaming.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.streaming.Refusal;
import dev.nagare.streaming.protocol.InferenceRequest;
import java.util.Arrays;
import java.util.HashSet;
import org.jspecify.annotations.Nullable;

/**
 * One line of comma-separated values, RFC 4180: a value with quotes, delimiters or line ends stands
 * in quotes, a quote in it is doubled. Blanks around a number are passed over, a line end after the
 * record too. Columns that are neither feature nor label may hold anything.
 */
final class CsvCodec implements RecordCodec {
  private static final int UNUSED = -1;

  private final RecordFormat.Csv format;
  private final RowFields fields;
  private final byte delimiter;
  private final int[] indices; // by column, where its value goes in the row

  CsvCodec(RecordFormat.Csv format, RowFields fields) {
    this.format = format;
    this.fields = fields;
    if (!isDelimiter(format.delimiter())) {
      throw new IllegalArgumentException(
          "delimiter: expected an ASCII character that is no part of numbers, got '"
              + format.delimiter()
              + "'");
    }
    if (new HashSet<>(format.columns()).size() < format.columns().size()) {
      throw new IllegalArgumentException("columns: expected each once, got " + format.columns());
    }
    this.delimiter = (byte) format.delimiter();
    this.indices = new int[format.columns().size()];
    Arrays.fill(indices, UNUSED);
    for (int i = 0; i < fields.size(); i++) {
      int column = format.columns().indexOf(fields.name(i));
      if (column < 0) {
        throw new IllegalArgumentException(
            "columns: expected " + fields.name(i) + " among them, got " + format.columns());
      }
      indices[column] = i;
    }
  }

  /** Whether values can be told apart by a character. */
  static boolean isDelimiter(char c) {
    return c <= '~' && !Character.isLetterOrDigit(c) && "\"\r\n+-.".indexOf(c) < 0;
  }

  @Override
  public @Nullable InferenceRequest read(byte[] value, float[] row) {
    RowFields.requireSize(value);
    int end = withoutLineEnd(value);
    int column = 0;
    int at = 0;
    while (true) {
      boolean quoted = at < end && value[at] == '"';
      int from = quoted ? at + 1 : at;
      int to = quoted ? endOfQuoted(value, from, end) : endOfPlain(value, from, end);
      if (column < indices.length && indices[column] != UNUSED) {
        take(value, from, to, indices[column], row);
      }
      column++;
      at = quoted ? to + 1 : to;
      if (at == end) {
        break;
      }
      at++; // past the delimiter
    }
    if (column != indices.length) {
      throw new RefusedRecordException(
          Refusal.SCHEMA,
          "expected %d columns (%s), got %d"
              .formatted(indices.length, String.join(", ", format.columns()), column));
    }
    return null;
  }

  private static int withoutLineEnd(byte[] value) {
    int end = value.length;
    if (end > 0 && value[end - 1] == '\n') {
      end--;
    }
    if (end > 0 && value[end - 1] == '\r') {
      end--;
    }
    return end;
  }

  private int endOfPlain(byte[] value, int from, int end) {
    for (int i = from; i < end; i++) {
      byte b = value[i];
      if (b == delimiter) {
        return i;
      }
      if (b == '"') {
        throw malformed(i, "expected a value with quotes to stand in quotes");
      }
      if (b == '\n' || b == '\r') {
        throw malformed(i, "expected one line in a record, got a second");
      }
    }
    return end;
  }

  /** Where the closing quote stands; a delimiter or the end comes after it. */
  private int endOfQuoted(byte[] value, int from, int end) {
    for (int i = from; i < end; i++) {
      if (value[i] == '"') {
        if (i + 1 == end || value[i + 1] == delimiter) {
          return i;
        }
        if (value[i + 1] != '"') {
          throw malformed(i + 1, "expected a delimiter after the closing quote");
        }
        i++;
      }
    }
    throw malformed(end, "expected a closing quote");
  }

  private void take(byte[] value, int from, int to, int index, float[] row) {
    int first = from;
    int last = to;
    while (first < last && isBlank(value[first])) {
      first++;
    }
    while (last > first && isBlank(value[last - 1])) {
      last--;
    }
    if (!DecimalText.isNumber(value, first, last)) {
      throw fields.unexpected(index, got(value, first, last));
    }
    if (fields.isLabel(index)) {
      double label = DecimalText.toDouble(value, first, last);
      fields.requireClass(label);
      row[index] = (float) label;
    } else {
      float number = DecimalText.toFloat(value, first, last);
      if (!Float.isFinite(number)) {
        throw fields.unexpected(index, got(value, first, last));
      }
      row[index] = number;
    }
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }

  private static String got(byte[] value, int from, int to) {
    return from == to ? "nothing" : RowFields.shown(new String(value, from, to - from, UTF_8));
  }

  private static RefusedRecordException malformed(int at, String what) {
    return new RefusedRecordException(
        Refusal.MALFORMED, "CSV: character " + (at + 1) + ": " + what);
  }
}
