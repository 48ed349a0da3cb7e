package dev.nagare.server.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/**
 * Records as lines of comma-separated values, RFC 4180.
 *
 * @param places of the columns in the file
 * @param delimiter between values
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record CsvRows(int[] places, char delimiter) implements RowEncoder {

  @Override
  public byte[] encode(List<String> values) {
    var line = new StringBuilder();
    for (int i = 0; i < places.length; i++) {
      if (i > 0) {
        line.append(delimiter);
      }
      append(line, values.get(places[i]));
    }
    return line.toString().getBytes(UTF_8);
  }

  private void append(StringBuilder line, String value) {
    boolean plain = true;
    for (int i = 0; plain && i < value.length(); i++) {
      char c = value.charAt(i);
      plain = c != delimiter && c != '"' && c != '\n' && c != '\r';
    }
    if (plain) {
      line.append(value);
    } else {
      line.append('"').append(value.replace("\"", "\"\"")).append('"');
    }
  }
}
