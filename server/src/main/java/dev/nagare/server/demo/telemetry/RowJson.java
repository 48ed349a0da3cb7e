package dev.nagare.server.demo.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;

/** A row as the Open Inference Protocol writes it. */
public final class RowJson {
  private RowJson() {}

  /**
   * A request with the input {@code row}, FP32 {@code [1, F]}.
   *
   * @param row finite values
   */
  public static byte[] encode(float[] row) {
    var json = new StringBuilder(96 + 12 * row.length);
    json.append("{\"inputs\":[{\"name\":\"row\",\"datatype\":\"FP32\",\"shape\":[1,");
    json.append(row.length).append("],\"data\":[");
    for (int i = 0; i < row.length; i++) {
      if (i > 0) {
        json.append(',');
      }
      json.append(row[i]);
    }
    return json.append("]}]}").toString().getBytes(UTF_8);
  }
}
