package dev.nagare.server.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.clients.Replay.Answer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/**
 * An answer as {@code tritonclient.http} reads it: {@code _infer_result.py} 2a25fb3, lines 49-101
 * and {@code as_numpy}; {@code _utils.py} 03a0aac, lines 35-69, for what an error must look like.
 */
record TritonPythonResult(JsonNode json, Map<String, byte[]> buffers) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What the client raises. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refused(String message) {
      super(message);
    }
  }

  /** {@code _raise_if_error}, then the JSON. */
  static JsonNode loads(Answer answer) throws IOException {
    if (answer.status() != 200) {
      JsonNode error = JSON.readTree(answer.body()).path("error");
      assertThat(error.isTextual()).as(answer.text()).isTrue();
      throw new Refused(error.asText());
    }
    return JSON.readTree(answer.body());
  }

  /** What came back, or {@link Refused}. */
  static TritonPythonResult of(Answer answer) throws IOException {
    if (answer.status() != 200) {
      loads(answer);
    }
    byte[] body = plain(answer);
    String length = answer.header("Inference-Header-Content-Length");
    if (length == null) {
      return new TritonPythonResult(JSON.readTree(body), Map.of());
    }
    int at = Integer.parseInt(length);
    JsonNode json = JSON.readTree(Arrays.copyOf(body, at));
    Map<String, byte[]> buffers = new HashMap<>();
    for (JsonNode output : json.get("outputs")) {
      JsonNode size = output.at("/parameters/binary_data_size");
      if (size.isInt()) {
        buffers.put(output.get("name").asText(), Arrays.copyOfRange(body, at, at + size.asInt()));
        at += size.asInt();
      }
    }
    assertThat(body).hasSize(at);
    return new TritonPythonResult(json, buffers);
  }

  /** The codings are compared as they are written: {@code gzip}, {@code deflate}. */
  private static byte[] plain(Answer answer) throws IOException {
    String coding = answer.header("Content-Encoding");
    var coded = new ByteArrayInputStream(answer.body());
    return switch (coding == null ? "" : coding) {
      case "gzip" -> new GZIPInputStream(coded).readAllBytes();
      case "deflate" -> new InflaterInputStream(coded).readAllBytes();
      default -> answer.body();
    };
  }

  private JsonNode output(String name, String datatype) {
    for (JsonNode output : json.get("outputs")) {
      if (output.get("name").asText().equals(name)) {
        assertThat(output.get("datatype").asText()).isEqualTo(datatype);
        return output;
      }
    }
    throw new AssertionError("expected an output " + name + ", got " + json);
  }

  /** {@code as_numpy}, and its {@code reshape}. */
  float[] floats(String name) {
    JsonNode output = output(name, "FP32");
    byte[] bytes = buffers.get(name);
    float[] values;
    if (bytes != null) {
      values = Stock.floats(bytes);
    } else {
      values = new float[output.get("data").size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = output.get("data").get(i).floatValue();
      }
    }
    long elements = 1;
    for (JsonNode size : output.get("shape")) {
      elements *= size.asLong();
    }
    assertThat(values).hasSize((int) elements);
    return values;
  }

  /** {@code deserialize_bytes_tensor}. */
  List<String> texts(String name) {
    output(name, "BYTES");
    byte[] raw = Objects.requireNonNull(buffers.get(name));
    ByteBuffer bytes = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
    List<String> texts = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] text = new byte[bytes.getInt()];
      bytes.get(text);
      texts.add(new String(text, StandardCharsets.UTF_8));
    }
    return texts;
  }
}
