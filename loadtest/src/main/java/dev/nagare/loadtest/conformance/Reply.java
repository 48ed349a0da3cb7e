package dev.nagare.loadtest.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A server's answer. */
final class Reply {
  static final String JSON_LENGTH = "Inference-Header-Content-Length";
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int SHOWN = 160;

  private final HttpResponse<byte[]> response;
  private final byte[] body;

  Reply(HttpResponse<byte[]> response) {
    this(response, response.body());
  }

  private Reply(HttpResponse<byte[]> response, byte[] body) {
    this.response = response;
    this.body = body;
  }

  /** The same with another body: decompressed. */
  Reply with(byte[] plain) {
    return new Reply(response, plain);
  }

  int status() {
    return response.statusCode();
  }

  byte[] body() {
    return body;
  }

  @Nullable String header(String name) {
    return response.headers().firstValue(name).orElse(null);
  }

  /** This, if its status says success. */
  Reply succeeded() {
    Violation.unless(status() / 100 == 2, "success", this);
    return this;
  }

  /** This, if its status blames the caller. */
  Reply refused() {
    Violation.unless(status() / 100 == 4, "a status from 400 to 499", this);
    return this;
  }

  /** This, if it has that status. */
  Reply status(int expected) {
    Violation.unless(status() == expected, "status " + expected, this);
    return this;
  }

  /** Bytes of the JSON: all, unless a header says otherwise. */
  int jsonLength() {
    String header = header(JSON_LENGTH);
    if (header == null) {
      return body.length;
    }
    Violation.unless(header.matches("[0-9]{1,9}"), "a number in " + JSON_LENGTH, header);
    int length = Integer.parseInt(header);
    Violation.unless(
        length <= body.length, JSON_LENGTH + " of at most " + body.length + " bytes", length);
    return length;
  }

  JsonNode json() {
    try {
      return MAPPER.readTree(Arrays.copyOf(body, jsonLength()));
    } catch (JsonProcessingException e) {
      throw new Violation("expected JSON, got " + this);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What comes after the JSON, little-endian. */
  ByteBuffer tensors() {
    int json = jsonLength();
    return ByteBuffer.wrap(body, json, body.length - json).slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public String toString() {
    String text = new String(body, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "·");
    return status() + " " + (text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…");
  }
}
