package dev.nagare.server.doctor;

import com.fasterxml.jackson.core.JsonFactory;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;

/** Findings for machines: a list of {@code {"check","verdict","found","remedy"}}. */
final class FindingsJson {
  private FindingsJson() {}

  static String write(List<Finding> findings) throws IOException {
    var text = new StringWriter();
    try (var json = new JsonFactory().createGenerator(text)) {
      json.writeStartArray();
      for (Finding finding : findings) {
        json.writeStartObject();
        json.writeStringField("check", finding.check());
        json.writeStringField("verdict", finding.verdict().word());
        json.writeStringField("found", finding.found());
        json.writeStringField("remedy", finding.remedy());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    return text.toString();
  }
}
