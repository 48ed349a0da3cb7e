package dev.nagare.server.clients;

import static dev.nagare.server.clients.Stock.TENSOR;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.clients.Replay.Answer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code perf_analyzer} over HTTP, and the C++ client below it.
 *
 * <p>Sources of triton-inference-server/perf_analyzer, below src: {@code perf_analyzer.cc} 069e403,
 * {@code CreateAnalyzerObjects} (metadata, then configuration); {@code model_parser.cc} 069e403,
 * {@code InitTriton}, and {@code client_backend/triton/triton_client_backend.cc} 14d6225, {@code
 * ServerExtensions} and {@code ParseStatistics}: members that it reads without a look whether they
 * are there; {@code infer_context.cc} 1240d5e, {@code SendRequest} and {@code
 * AsyncCallbackFuncImpl} (an asynchronous answer is found again by its id); {@code
 * inference_profiler.cc}, {@code GetServerSideStatus}.
 *
 * <p>Source of triton-inference-server/client: {@code src/c++/library/http_client.cc} 01b9a35, with
 * {@code PrepareRequestJson} (the body), {@code PreRunProcessing} (the head; libcurl's Expect is
 * taken out there, and only there), {@code Get} and {@code Post} (a connection each), {@code
 * InferResponseHeaderHandler} and the constructor of {@code InferResultHttp} (how answers are
 * read).
 */
class PerfAnalyzerHttpTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MEBIBYTE = 1 << 20;

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
  void metadataAndConfigurationAgreeOnTheTensors() throws Exception {
    JsonNode metadata = succeeded(alone(get("/v2/models/small")));
    JsonNode config = succeeded(alone(get("/v2/models/small/config")));

    assertThat(metadata.get("name").isTextual()).isTrue();
    long most = config.get("max_batch_size").longValue();
    assertThat(config.at("/model_transaction_policy/decoupled").isBoolean()).isTrue();
    assertThat(config.at("/response_cache/enable").isBoolean()).isTrue();
    assertThat(config.path("platform").asText()).isNotEqualTo("ensemble");
    for (String kind : List.of("input", "output")) {
      Map<String, List<Long>> shapes = new HashMap<>();
      for (JsonNode tensor : metadata.get(kind + "s")) {
        assertThat(tensor.get("datatype").isTextual()).isTrue();
        List<Long> shape = new ArrayList<>();
        tensor.get("shape").forEach(size -> shape.add(size.longValue()));
        // A model with batches has the batch first, and perf_analyzer leaves it out.
        shapes.put(tensor.get("name").textValue(), most > 0 ? shape.subList(1, 2) : shape);
      }
      assertThat(shapes).hasSize(1).containsValue(List.of(3L)); // with a -1 it wants --shape
      for (JsonNode tensor : config.get(kind)) {
        assertThat(shapes).containsKey(tensor.get("name").textValue());
        if (kind.equals("input")) {
          assertThat(tensor.get("is_shape_tensor").isBoolean()).isTrue();
          assertThat(tensor.get("optional").isBoolean()).isTrue();
        }
      }
    }
  }

  @Test
  void statisticsAreClaimedAndHaveEveryMemberThatIsRead() throws Exception {
    JsonNode extensions = succeeded(alone(get("/v2"))).get("extensions");
    assertThat(extensions).extracting(JsonNode::textValue).contains("statistics");

    JsonNode before = statistics();
    try (Replay client = stock.connect()) {
      Result.of(client.send(synchronous(), TENSOR));
    }
    JsonNode after = statistics();

    assertThat(after.at("/success/count").longValue())
        .isGreaterThan(before.at("/success/count").longValue());
    assertThat(after.at("/compute_infer/ns").longValue())
        .isGreaterThan(before.at("/compute_infer/ns").longValue());
  }

  private static JsonNode statistics() throws IOException {
    JsonNode all = succeeded(alone(get("/v2/models/small/stats"))).get("model_stats");
    assertThat(all).hasSize(1);
    JsonNode model = all.get(0);
    assertThat(model.get("name").textValue()).isEqualTo("small");
    assertThat(model.get("version").textValue()).matches("[0-9]+"); // read as a number
    assertThat(model.get("inference_count").canConvertToLong()).isTrue();
    assertThat(model.get("execution_count").canConvertToLong()).isTrue();
    for (String group :
        List.of(
            "success",
            "queue",
            "compute_input",
            "compute_infer",
            "compute_output",
            "cache_hit",
            "cache_miss")) {
      for (String member : List.of("count", "ns")) {
        JsonNode value = model.get("inference_stats").get(group).get(member);
        assertThat(value.isIntegralNumber()).as(group + "." + member).isTrue();
        assertThat(value.longValue()).isNotNegative();
      }
    }
    return model.get("inference_stats");
  }

  @Test
  void synchronousRequestsHaveAnEmptyIdAndKeepTheirConnection() throws Exception {
    try (Replay client = stock.connect()) {
      for (int i = 0; i < 3; i++) {
        Result result = Result.of(client.send(synchronous(), TENSOR));

        assertThat(result.floats("y")).containsExactly(1, 0, 3);
        assertThat(result.json().get("model_version").isTextual()).isTrue();
      }
    }
  }

  @Test
  void asynchronousRequestsFindTheirAnswersByTheId() throws Exception {
    try (Replay client = stock.connect()) {
      // the id of thread 0's second request; above 0, a thread's number stands in the upper 16 bits
      Result result =
          Result.of(
              client.send(
                  """
                  POST /v2/models/small/infer HTTP/1.1
                  Host: localhost:{port}
                  User-Agent: libcurl-agent/1.0
                  Accept: */*
                  Inference-Header-Content-Length: 162
                  Content-Type: application/octet-stream
                  Content-Length: 174

                  {"id":"1","inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"parameters":{"binary_data_size":12}}],"outputs":[{"name":"y","parameters":{"binary_data":true}}]}
                  """,
                  TENSOR));

      assertThat(result.json().get("id").textValue()).isEqualTo("1");
      assertThat(result.floats("y")).containsExactly(1, 0, 3);
    }
  }

  @Test
  void withoutNamedOutputsAllComeAsBytes() throws Exception {
    try (Replay client = stock.connect()) {
      Result result =
          Result.of(
              client.send(
                  """
                  POST /v2/models/small/infer HTTP/1.1
                  Host: localhost:{port}
                  User-Agent: libcurl-agent/1.0
                  Accept: */*
                  Inference-Header-Content-Length: 143
                  Content-Type: application/octet-stream
                  Content-Length: 155

                  {"id":"","parameters":{"binary_data_output":true},"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"parameters":{"binary_data_size":12}}]}
                  """,
                  TENSOR));

      assertThat(result.floats("y")).containsExactly(1, 0, 3);
    }
  }

  @Test
  void gzipGoesBothWaysAndLengthsCountPlainBytes() throws Exception {
    // what zlib's deflateInit2 with 15 | 16 window bits makes of the request with the id 0
    byte[] body =
        HexFormat.of()
            .parseHex(
                "1f8b08000000000000037d8c310ec2301004ef2d5bbb2049e78654d4f4118a0ec5122e30967d913096259ec6d3"
                    + "38b714943b9ad90abfc1e200031fe22e1976a9087c774a9f4a37169612fb3c9da75149be719fcb60a68b41e4a4"
                    + "b2b8a465c5d5074e65edd19afd4bb5616c4db5c72ebfef057f6a5849bbd3b411bd8f44f4219ae72fd9949f22ae"
                    + "000000");
    try (Replay client = stock.connect()) {
      Answer answer =
          client.send(
              """
              POST /v2/models/small/infer HTTP/1.1
              Host: localhost:{port}
              User-Agent: libcurl-agent/1.0
              Accept: */*
              Accept-Encoding: gzip
              Inference-Header-Content-Length: 162
              Content-Type: application/octet-stream
              Content-Encoding: gzip
              Content-Length: 138
              """,
              body);

      assertThat(answer.header("Content-Encoding")).isEqualTo("gzip");
      assertThat(Result.of(answer).floats("y")).containsExactly(1, 0, 3);
    }
  }

  @Test
  void aRefusalIsAJsonObjectWithAnError() throws Exception {
    try (Replay client = stock.connect()) {
      Answer answer = client.send(synchronous().replace("/small/", "/nobody/"), TENSOR);

      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.header("Inference-Header-Content-Length")).isNull();
      assertThat(JSON.readTree(answer.body()).get("error").textValue()).contains("nobody");
      assertThat(Result.of(client.send(synchronous(), TENSOR)).floats("y"))
          .containsExactly(1, 0, 3);
    }
  }

  @Test
  void postsOfAFormWithoutABodyAreTaken() throws Exception {
    String post =
        """
        POST %s HTTP/1.1
        Host: localhost:{port}
        User-Agent: libcurl-agent/1.0
        Accept: */*
        Content-Length: 0
        Content-Type: application/x-www-form-urlencoded
        """;
    JsonNode index = succeeded(alone(post.formatted("/v2/repository/index")));
    assertThat(index.get(0).get("name").textValue()).isEqualTo("small");

    // With --shared-memory it begins so; the error must say what is wrong.
    Answer refused = alone(post.formatted("/v2/systemsharedmemory/unregister"));
    assertThat(refused.status()).isEqualTo(501);
    assertThat(JSON.readTree(refused.body()).get("error").textValue()).contains("shared memory");

    assertThat(alone(post.formatted("/v2/repository/models/small/unload")).status()).isEqualTo(200);
    assertThat(
            alone(post.formatted("/v2/repository/models/small/load").replace(": 0", ": 2") + "\n{}")
                .status())
        .isEqualTo(200);
  }

  @Test
  void overAMebibyteLibcurlWaitsToBeToldToGoOn() throws Exception {
    // LoadModel with a file, which is not offered here: the refusal has to come all the same.
    String json =
        "{\"parameters\":{\"config\":\"{}\",\"file:1/model.onnx\":\""
            + "A".repeat(MEBIBYTE)
            + "\"}}";
    byte[] body = json.getBytes(StandardCharsets.US_ASCII);
    try (Replay client = stock.connect()) {
      client.head(expecting("/v2/repository/models/small/load", body.length));
      assertThat(client.read().status()).isEqualTo(100);
      client.write(body);
      Answer answer = client.read();
      assertThat(answer.status()).isEqualTo(501);
      assertThat(JSON.readTree(answer.body()).get("error").isTextual()).isTrue();
      assertThat(client.send(get("/v2/models/small/ready")).status()).isEqualTo(200);
    }
  }

  @Test
  void tooMuchIsRefusedBeforeItIsSent() throws Exception {
    try (Replay client = stock.connect()) {
      client.head(expecting("/v2/repository/models/small/load", 64 * MEBIBYTE));
      Answer answer = client.read();
      assertThat(answer.status()).isEqualTo(413);
      assertThat(JSON.readTree(answer.body()).get("error").textValue()).contains("max-body-bytes");
    }
  }

  @Test
  void metricsAreAPageOfTheirOwnPort() throws Exception {
    try (var client = new Replay(stock.server.metricsPort())) {
      Answer answer =
          client.send(
              """
              GET /metrics HTTP/1.1
              Host: localhost:{port}
              Accept: */*
              """);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).contains("# TYPE ");
    }
  }

  private static String expecting(String path, int length) {
    return """
    POST %s HTTP/1.1
    Host: localhost:{port}
    User-Agent: libcurl-agent/1.0
    Accept: */*
    Content-Length: %d
    Content-Type: application/x-www-form-urlencoded
    Expect: 100-continue
    """
        .formatted(path, length);
  }

  private static String synchronous() {
    return """
    POST /v2/models/small/infer HTTP/1.1
    Host: localhost:{port}
    User-Agent: libcurl-agent/1.0
    Accept: */*
    Inference-Header-Content-Length: 161
    Content-Type: application/octet-stream
    Content-Length: 173

    {"id":"","inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"parameters":{"binary_data_size":12}}],"outputs":[{"name":"y","parameters":{"binary_data":true}}]}
    """;
  }

  private static String get(String path) {
    return """
    GET %s HTTP/1.1
    Host: localhost:{port}
    User-Agent: libcurl-agent/1.0
    Accept: */*
    """
        .formatted(path);
  }

  /** {@code Get} and {@code Post} open a connection each. */
  private static Answer alone(String transcript) throws IOException {
    try (var client = new Replay(stock.server.port())) {
      return client.send(transcript);
    }
  }

  private static JsonNode succeeded(Answer answer) throws IOException {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  /** {@code InferResultHttp}. */
  private record Result(JsonNode json, Map<String, byte[]> buffers) {

    static Result of(Answer answer) throws IOException {
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
      // libcurl has undone the coding before the client sees the body
      byte[] body =
          "gzip".equals(answer.header("Content-Encoding"))
              ? new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes()
              : answer.body();
      String length = answer.header("Inference-Header-Content-Length");
      int at = length == null ? body.length : Integer.parseInt(length);
      JsonNode json = JSON.readTree(Arrays.copyOf(body, at));
      Map<String, byte[]> buffers = new HashMap<>();
      for (JsonNode output : json.get("outputs")) {
        if (output.has("parameters")) { // then the size has to be among them
          JsonNode size = output.get("parameters").get("binary_data_size");
          assertThat(size.canConvertToInt()).as(output.toString()).isTrue();
          buffers.put(
              output.get("name").textValue(), Arrays.copyOfRange(body, at, at + size.intValue()));
          at += size.intValue();
        }
      }
      assertThat(at).isEqualTo(body.length);
      return new Result(json, buffers);
    }

    /** {@code RawData}. */
    float[] floats(String name) {
      return Stock.floats(Objects.requireNonNull(buffers.get(name), () -> "no bytes: " + json));
    }
  }
}
