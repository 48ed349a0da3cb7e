package dev.nagare.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A message of the binary tensor extension, written and read by hand. */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Message(String json, byte[] tensors) {
  static final String LENGTH = "Inference-Header-Content-Length";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Single quotes stand for double ones. */
  static Message of(String json, byte[]... tensors) {
    return new Message(json.replace('\'', '"'), joined(tensors));
  }

  byte[] bytes() {
    return joined(json.getBytes(StandardCharsets.UTF_8), tensors);
  }

  String length() {
    return Integer.toString(json.getBytes(StandardCharsets.UTF_8).length);
  }

  /** An answer's JSON. */
  static JsonNode json(HttpResponse<byte[]> answer) throws IOException {
    return JSON.readTree(Arrays.copyOf(answer.body(), jsonLength(answer)));
  }

  /** What comes after it. */
  static byte[] tensors(HttpResponse<byte[]> answer) {
    return Arrays.copyOfRange(answer.body(), jsonLength(answer), answer.body().length);
  }

  private static int jsonLength(HttpResponse<byte[]> answer) {
    return answer.headers().firstValue(LENGTH).map(Integer::parseInt).orElse(answer.body().length);
  }

  static byte[] floats(float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  static byte[] joined(byte[]... parts) {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    ByteBuffer all = ByteBuffer.allocate(length);
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }
}
