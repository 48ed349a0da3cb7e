package dev.nagare.server.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/**
 * Records as requests of the Open Inference Protocol: the input {@code row}, FP32, and one for the
 * label, INT64.
 *
 * @param header the file's columns
 * @param features their places in the file
 * @param label its place in the file; -1 if there is none
 * @param labelInput name of the label's input, escaped for JSON
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record ProtocolRows(List<String> header, int[] features, int label, String labelInput)
    implements RowEncoder {

  @Override
  public byte[] encode(List<String> values) {
    var json = new StringBuilder(160 + 12 * features.length);
    json.append("{\"inputs\":[{\"name\":\"row\",\"datatype\":\"FP32\",\"shape\":[1,");
    json.append(features.length).append("],\"data\":[");
    for (int i = 0; i < features.length; i++) {
      if (i > 0) {
        json.append(',');
      }
      json.append(number(values, features[i]));
    }
    json.append("]}");
    if (label >= 0) {
      json.append(",{\"name\":\"").append(labelInput);
      json.append("\",\"datatype\":\"INT64\",\"shape\":[1],\"data\":[");
      json.append(number(values, label)).append("]}");
    }
    return json.append("]}").toString().getBytes(UTF_8);
  }

  private String number(List<String> values, int place) {
    String value = values.get(place);
    if (!JsonNumber.matches(value)) {
      throw new IllegalArgumentException(
          "column "
              + header.get(place)
              + ": expected a number, got '"
              + value
              + "'; --skip-columns leaves it out, --format json or csv passes it on");
    }
    return JsonNumber.of(value);
  }
}
