package dev.nagare.loadtest.bench.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DialectTest {
  private static final Tensor ROW = Tensor.floats("x", 1, 4);

  @Test
  void tensorsFollowTheJsonWhoseLengthTheHeaderSays() throws Exception {
    byte[] bytes = Dialect.BINARY.ask(8000, "m", List.of(ROW), "Nagare-Timeout-Ms: 5\r\n").bytes();
    String text = new String(bytes, ISO_8859_1);
    int head = text.indexOf("\r\n\r\n") + 4;
    assertThat(text).startsWith("POST /v2/models/m/infer HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n");
    assertThat(text.substring(0, head)).contains("\r\nNagare-Timeout-Ms: 5\r\n");
    assertThat(header(text, "Content-Length")).isEqualTo(bytes.length - head);
    int json = header(text, "Inference-Header-Content-Length");
    JsonNode asked = new ObjectMapper().readTree(text.substring(head, head + json));
    assertThat(asked.at("/inputs/0/parameters/binary_data_size").asInt()).isEqualTo(16);
    assertThat(asked.at("/inputs/0/shape").toString()).isEqualTo("[1,4]");
    assertThat(asked.at("/parameters/binary_data_output").asBoolean()).isTrue();
    assertThat(Arrays.copyOfRange(bytes, head + json, bytes.length)).isEqualTo(ROW.bytes());
  }

  @Test
  void jsonHasTheSameValues() throws Exception {
    byte[] bytes = Dialect.JSON.ask(8000, "m", List.of(ROW), "").bytes();
    String text = new String(bytes, ISO_8859_1);
    JsonNode data =
        new ObjectMapper()
            .readTree(text.substring(text.indexOf("\r\n\r\n") + 4))
            .at("/inputs/0/data");
    var values = java.nio.ByteBuffer.wrap(ROW.bytes()).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    assertThat(data).hasSize(4);
    data.forEach(value -> assertThat(value.floatValue()).isEqualTo(values.getFloat()));
  }

  private static int header(String text, String name) {
    int at = text.indexOf("\r\n" + name + ": ") + name.length() + 4;
    return Integer.parseInt(text.substring(at, text.indexOf("\r\n", at)));
  }
}
