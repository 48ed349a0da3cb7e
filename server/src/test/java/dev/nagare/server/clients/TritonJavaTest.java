package dev.nagare.server.clients;

import static dev.nagare.server.clients.Stock.TENSOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.clients.Replay.Answer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Triton's client for Java, which speaks {@code infer} over HTTP only and retries what fails.
 *
 * <p>Sources, of triton-inference-server/client, below src/java/src/main/java/triton/client:
 *
 * <ul>
 *   <li>{@code InferenceServerClient.java} 138a874: {@code infer} (members of the body) and {@code
 *       createHttpPost} (headers, path; a hash map orders both)
 *   <li>{@code InferInput.java} 36d6b34, {@code getTensor}; {@code pojo/IOTensor.java} 36d6b34;
 *       {@code pojo/Parameters.java} 1595c9c
 *   <li>{@code InferResult.java} 138a874, lines 76-146: how answers are read; {@code
 *       pojo/InferenceResponse.java} 36d6b34, {@code pojo/DataType.java} 0af9b6f, {@code
 *       pojo/ResponseError.java} 34841eb. Its mapper ({@code Util.java} 34841eb) is one that
 *       refuses members it does not know
 * </ul>
 *
 * <p>Apache HttpAsyncClient 4.1.4 ({@code src/java/pom.xml} 0da3bcb) writes the head: the caller's
 * headers, then length, host, connection and agent.
 */
class TritonJavaTest {
  private static final ObjectMapper STRICT = new ObjectMapper();

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
  void bytesComeBackForBytesOnAConnectionThatIsKept() throws Exception {
    try (Replay client = stock.connect()) {
      for (int i = 0; i < 3; i++) {
        Result result =
            Result.of(
                client.send(
                    """
                    POST /v2/models/small/infer HTTP/1.1
                    Inference-Header-Content-Length: 135
                    Content-Length: 147
                    Host: localhost:{port}
                    Connection: Keep-Alive
                    User-Agent: Apache-HttpAsyncClient/4.1.4 (Java/25.0.3)

                    {"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","parameters":{"binary_data_size":12}}],"parameters":{"binary_data_output":true}}
                    """,
                    TENSOR));

        assertThat(result.floats("y")).containsExactly(1, 0, 3);
      }
    }
  }

  @Test
  void aVersionAnIdAndAChoiceOfOutputsAreTaken() throws Exception {
    try (Replay client = stock.connect()) {
      Result result =
          Result.of(
              client.send(
                  """
                  POST /v2/models/small/versions/1/infer HTTP/1.1
                  Inference-Header-Content-Length: 209
                  Content-Length: 221
                  Host: localhost:{port}
                  Connection: Keep-Alive
                  User-Agent: Apache-HttpAsyncClient/4.1.4 (Java/25.0.3)

                  {"outputs":[{"name":"y","parameters":{"binary_data":true}}],"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","parameters":{"binary_data_size":12}}],"id":"a1","parameters":{"priority":1,"timeout":1000000}}
                  """,
                  TENSOR));

      assertThat(result.response().id()).isEqualTo("a1");
      assertThat(result.response().modelVersion()).isEqualTo("1");
      assertThat(result.floats("y")).containsExactly(1, 0, 3);
    }
  }

  @Test
  void jsonWithEmptyParametersIsTaken() throws Exception {
    try (Replay client = stock.connect()) {
      Result result =
          Result.of(
              client.send(
                  """
                  POST /v2/models/small/infer HTTP/1.1
                  Content-Length: 155
                  Host: localhost:{port}
                  Connection: Keep-Alive
                  User-Agent: Apache-HttpAsyncClient/4.1.4 (Java/25.0.3)

                  {"outputs":[{"name":"y","parameters":{"binary_data":false}}],"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","parameters":{},"data":[1.0,-2.0,3.0]}]}
                  """));

      assertThat(result.floats("y")).containsExactly(1, 0, 3);
    }
  }

  @Test
  void gzipGoesBothWays() throws Exception {
    // what GZIPOutputStream makes of the first request
    byte[] body =
        HexFormat.of()
            .parseHex(
                "1f8b08000000000000ffab56cacc2b282d2956b28aae56ca4bcc4d55b252aa50d2512ace482c00b2a30d758c63"
                    + "759452124b124b2a41024a6e01c64640f982c422a0e292d422a0ce6aa5a4ccbcc4a2ca7890b2f8e2cc2aa03a43"
                    + "a3dada587ccaf24b4b80f62a59951495a6d6d6323034d83330301c6060707000002fea627993000000");
    try (Replay client = stock.connect()) {
      Answer answer =
          client.send(
              """
              POST /v2/models/small/infer HTTP/1.1
              Inference-Header-Content-Length: 135
              Content-Encoding: gzip
              Accept-Encoding: gzip
              Content-Length: 131
              Host: localhost:{port}
              Connection: Keep-Alive
              User-Agent: Apache-HttpAsyncClient/4.1.4 (Java/25.0.3)
              """,
              body);

      assertThat(answer.header("Content-Encoding")).isEqualTo("gzip");
      assertThat(Result.of(answer).floats("y")).containsExactly(1, 0, 3);
    }
  }

  @Test
  void anErrorHasOneMemberOnly() throws Exception {
    try (Replay client = stock.connect()) {
      // the name "no such/ä" is encoded twice: by URLEncoder, then by URIBuilder
      Answer answer =
          client.send(
              """
              POST /v2/models/no+such%252F%25C3%25A4/infer HTTP/1.1
              Inference-Header-Content-Length: 135
              Content-Length: 147
              Host: localhost:{port}
              Connection: Keep-Alive
              User-Agent: Apache-HttpAsyncClient/4.1.4 (Java/25.0.3)

              {"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","parameters":{"binary_data_size":12}}],"parameters":{"binary_data_output":true}}
              """,
              TENSOR);

      assertThat(answer.status()).isEqualTo(404);
      assertThatThrownBy(() -> Result.of(answer))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("model name: expected 1 to 64 of");
    }
  }

  /** {@code pojo.DataType}: an answer of any other cannot be read. */
  enum DataType {
    BOOL,
    INT8,
    INT16,
    INT32,
    INT64,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    FP16,
    FP32,
    FP64,
    STRING,
    BYTES
  }

  record IoTensor(
      String name,
      List<Long> shape,
      DataType datatype,
      @Nullable Map<String, Object> parameters,
      @Nullable List<Object> data) {}

  record Response(
      @JsonProperty("model_name") String modelName,
      @JsonProperty("model_version") String modelVersion,
      @Nullable String id,
      @Nullable Map<String, Object> parameters,
      List<IoTensor> outputs) {}

  record ResponseError(String error) {}

  /** {@code InferResult}. */
  private record Result(Response response, Map<String, byte[]> buffers) {

    static Result of(Answer answer) throws IOException {
      InputStream stream = plain(answer);
      if (answer.status() != 200) {
        String error = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        throw new IllegalStateException(STRICT.readValue(error, ResponseError.class).error());
      }
      String length = answer.header("Inference-Header-Content-Length");
      if (length == null) {
        return new Result(STRICT.readValue(stream.readAllBytes(), Response.class), Map.of());
      }
      byte[] json = new byte[Integer.parseInt(length)];
      // One read, and not readNBytes: that is what the client does.
      assertThat(stream.read(json)).isEqualTo(json.length);
      Response response = STRICT.readValue(json, Response.class);
      byte[] rest = stream.readAllBytes();
      Map<String, byte[]> buffers = new HashMap<>();
      int at = 0;
      for (IoTensor output : response.outputs()) {
        if (output.parameters() != null
            && output.parameters().get("binary_data_size") instanceof Number size) {
          buffers.put(output.name(), Arrays.copyOfRange(rest, at, at + size.intValue()));
          at += size.intValue();
        }
      }
      assertThat(rest).hasSize(at);
      return new Result(response, buffers);
    }

    private static InputStream plain(Answer answer) throws IOException {
      var stream = new ByteArrayInputStream(answer.body());
      String coding = answer.header("Content-Encoding");
      return switch (coding == null ? "" : coding.toLowerCase(Locale.ROOT)) {
        case "gzip" -> new GZIPInputStream(stream);
        case "deflate" -> new InflaterInputStream(stream);
        default -> stream;
      };
    }

    /** {@code getOutputAsFloat}. */
    float[] floats(String name) {
      IoTensor output =
          response.outputs().stream().filter(o -> o.name().equals(name)).findFirst().orElseThrow();
      assertThat(output.datatype()).isEqualTo(DataType.FP32);
      byte[] bytes = buffers.get(name);
      if (bytes != null) {
        return Stock.floats(bytes);
      }
      List<Object> data = Objects.requireNonNull(output.data());
      float[] values = new float[data.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = ((Number) data.get(i)).floatValue();
      }
      return values;
    }
  }
}
