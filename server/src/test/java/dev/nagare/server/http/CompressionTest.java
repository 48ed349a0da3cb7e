package dev.nagare.server.http;

import static dev.nagare.server.http.Message.floats;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.server.Doors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compressed bodies, over a real socket. */
class CompressionTest {
  private static final String INFER = "/v2/models/echo/infer";
  private static final Message MESSAGE =
      Message.of(
          "{'inputs':[{'name':'x','datatype':'FP32','shape':[1,2],'parameters':{'binary_data_size':8}}],'parameters':{'binary_data_output':true}}",
          floats(1, 2));

  private final Doors doors = Doors.open();

  @AfterEach
  void everyRequestIsGivenBack() {
    assertThat(doors.requests.usedBytes()).isZero();
    doors.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "GZIP"})
  void aCompressedRequestIsReadAndItsHeaderCountsPlainBytes(String coding) throws Exception {
    HttpResponse<byte[]> answer =
        doors.post(
            INFER,
            shrink(coding, MESSAGE.bytes()),
            "Content-Encoding",
            coding,
            Message.LENGTH,
            MESSAGE.length());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(Message.tensors(answer)).isEqualTo(floats(1, 2));
  }

  @ParameterizedTest
  @CsvSource({
    "gzip, gzip",
    "deflate, deflate",
    "'deflate, gzip;q=0.5', gzip",
    "'gzip;q=0, deflate', deflate"
  })
  void anAnswerIsCompressedIfItIsAskedForAndItsHeaderCountsPlainBytes(
      String accepted, String coding) throws Exception {
    HttpResponse<byte[]> answer =
        doors.post(
            INFER, MESSAGE.bytes(), "Accept-Encoding", accepted, Message.LENGTH, MESSAGE.length());
    assertThat(answer.headers().firstValue("Content-Encoding")).hasValue(coding);
    byte[] plain = expand(coding, answer.body());
    int json = Integer.parseInt(answer.headers().firstValue(Message.LENGTH).orElseThrow());
    assertThat(Arrays.copyOfRange(plain, json, plain.length)).isEqualTo(floats(1, 2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"identity", "gzip;q=0", "br", "*;q=0"})
  void anAnswerIsPlainOtherwise(String accepted) throws Exception {
    HttpResponse<byte[]> answer =
        doors.post(
            INFER, MESSAGE.bytes(), "Accept-Encoding", accepted, Message.LENGTH, MESSAGE.length());
    assertThat(answer.headers().firstValue("Content-Encoding")).isEmpty();
    assertThat(Message.tensors(answer)).isEqualTo(floats(1, 2));
  }

  @Test
  void aLargeAnswerIsCompressedAsWell() throws Exception {
    String json =
        "{'inputs':[{'name':'x','datatype':'FP32','shape':[1],'data':[1]}],'outputs':[{'name':'many','parameters':{'binary_data':true}}]}";
    HttpResponse<byte[]> answer =
        doors.post(
            INFER,
            json.replace('\'', '"').getBytes(StandardCharsets.UTF_8),
            "Accept-Encoding",
            "gzip");
    assertThat(answer.body().length).isLessThan(10_000);
    assertThat(expand("gzip", answer.body())).hasSizeGreaterThan(400_000);
  }

  @Test
  void theLimitHoldsAfterDecompression() throws Exception {
    byte[] bomb = shrink("gzip", new byte[1 << 20]);
    assertThat(bomb.length).isLessThan(Doors.MAX_BODY_BYTES);
    refused(doors.post(INFER, bomb, "Content-Encoding", "gzip"), 413, "once it is decompressed");
    assertThat(doors.post(INFER, MESSAGE.bytes(), Message.LENGTH, MESSAGE.length()).statusCode())
        .isEqualTo(200);
  }

  @Test
  void aDamagedBodyIsTheCallersFault() throws Exception {
    byte[] whole = shrink("gzip", MESSAGE.bytes());
    byte[] half = Arrays.copyOf(whole, whole.length / 2);
    refused(doors.post(INFER, half, "Content-Encoding", "gzip"), 400, "the body is not gzip");
    refused(
        doors.post(INFER, "plain".getBytes(StandardCharsets.UTF_8), "Content-Encoding", "deflate"),
        400,
        "the body is not deflate");
    refused(doors.post(INFER, new byte[0], "Content-Encoding", "gzip"), 400, "is not gzip");
  }

  private static void refused(HttpResponse<byte[]> answer, int status, String why)
      throws IOException {
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(Message.json(answer).path("error").asText()).contains(why);
  }

  private static byte[] shrink(String coding, byte[] plain) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (OutputStream out =
        coding.equalsIgnoreCase("gzip")
            ? new GZIPOutputStream(bytes)
            : new DeflaterOutputStream(bytes)) {
      out.write(plain);
    }
    return bytes.toByteArray();
  }

  private static byte[] expand(String coding, byte[] coded) throws IOException {
    var in = new ByteArrayInputStream(coded);
    return coding.equals("gzip")
        ? new GZIPInputStream(in).readAllBytes()
        : new InflaterInputStream(in).readAllBytes();
  }
}
