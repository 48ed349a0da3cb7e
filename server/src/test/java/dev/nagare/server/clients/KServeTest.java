package dev.nagare.server.clients;

import static dev.nagare.server.clients.Stock.TENSOR;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.clients.Replay.Answer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * KServe's {@code InferenceRESTClient} (Python) with the protocol {@code v2}.
 *
 * <p>Sources of kserve/kserve, below python/kserve/kserve: {@code inference_client.py} 0217bda,
 * {@code infer}, {@code is_server_ready}, {@code is_server_live}, {@code is_model_ready} and {@code
 * _construct_http_status_error}; {@code protocol/infer_type.py} 0217bda, {@code
 * InferRequest.to_rest} (the body, {@code model_name} and all) and {@code InferResponse.from_bytes}
 * (how answers are read).
 *
 * <p>The head comes from httpx 0.23.3, which asks for gzip, deflate and br, and undoes the coding.
 * JSON comes from orjson, without spaces.
 */
class KServeTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path folder;
  private static Stock stock;

  @BeforeAll
  static void start() throws Exception {
    stock = Stock.start(folder);
  }

  @AfterAll
  static void stop() {
    stock.close();
  }

  @Test
  void healthIsReadFromTheMembersOfTheBody() throws Exception {
    try (Replay client = stock.connect()) {
      JsonNode live = JSON.readTree(plain(client.send(get("/v2/health/live"))));
      assertThat(live.path("live").booleanValue()).isTrue();
      JsonNode ready = JSON.readTree(plain(client.send(get("/v2/health/ready"))));
      assertThat(ready.path("ready").booleanValue()).isTrue();
      assertThat(client.send(get("/v2/models/small/ready")).status()).isEqualTo(200);
    }
  }

  @Test
  void jsonIsAnsweredInJson() throws Exception {
    try (Replay client = stock.connect()) {
      Answer answer =
          client.send(
              """
              POST /v2/models/small/infer HTTP/1.1
              Host: localhost:{port}
              Accept: */*
              Accept-Encoding: gzip, deflate, br
              Connection: keep-alive
              User-Agent: python-httpx/0.23.3
              Content-Length: 110

              {"id":"a1","model_name":"small","inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1.0,-2.0,3.0]}]}
              """);

      assertThat(answer.status()).isEqualTo(200);
      JsonNode json = JSON.readTree(plain(answer));
      assertThat(json.get("model_name").textValue()).isEqualTo("small");
      assertThat(json.get("id").textValue()).isEqualTo("a1");
      assertThat(json.at("/outputs/0/name").textValue()).isEqualTo("y");
      assertThat(json.at("/outputs/0/datatype").textValue()).isEqualTo("FP32");
      assertThat(json.at("/outputs/0/shape")).hasToString("[1,3]");
      assertThat(json.at("/outputs/0/data")).hasToString("[1.0,0.0,3.0]");
      assertThat(json.at("/outputs/0").has("parameters")).isFalse();
    }
  }

  @Test
  void bytesAreAnsweredInBytesWhoseLengthsCountThemDecompressed() throws Exception {
    try (Replay client = stock.connect()) {
      Answer answer =
          client.send(
              """
              POST /v2/models/small/infer HTTP/1.1
              Host: localhost:{port}
              Accept: */*
              Accept-Encoding: gzip, deflate, br
              Connection: keep-alive
              User-Agent: python-httpx/0.23.3
              inference-header-content-length: 184
              content-type: application/octet-stream
              Content-Length: 196

              {"id":"a2","model_name":"small","inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","parameters":{"binary_data_size":12}}],"outputs":[{"name":"y","parameters":{"binary_data":true}}]}
              """,
              TENSOR);

      assertThat(answer.status()).isEqualTo(200);
      byte[] body = plain(answer);
      String length = answer.header("inference-header-content-length");
      int at = length == null ? body.length : Integer.parseInt(length);
      JsonNode output = JSON.readTree(Arrays.copyOf(body, at)).at("/outputs/0");
      int size = output.at("/parameters/binary_data_size").intValue();
      assertThat(Stock.floats(Arrays.copyOfRange(body, at, at + size))).containsExactly(1, 0, 3);
      assertThat(body).hasSize(at + size);
    }
  }

  @Test
  void anErrorIsReadOnlyIfItsTypeIsExactlyThatOfJson() throws Exception {
    try (Replay client = stock.connect()) {
      Answer answer = client.send(get("/v2/models/nobody"));

      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.header("content-type")).isEqualTo("application/json");
      assertThat(JSON.readTree(plain(answer)).get("error").textValue()).contains("nobody");
    }
  }

  private static String get(String path) {
    return """
    GET %s HTTP/1.1
    Host: localhost:{port}
    Accept: */*
    Accept-Encoding: gzip, deflate, br
    Connection: keep-alive
    User-Agent: python-httpx/0.23.3
    """
        .formatted(path);
  }

  private static byte[] plain(Answer answer) throws IOException {
    String coding = answer.header("content-encoding");
    if (coding == null) {
      return answer.body();
    }
    assertThat(coding).isEqualTo("gzip"); // the best of those that the client names
    return new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes();
  }
}
