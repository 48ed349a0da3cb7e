package dev.nagare.server.clients;

import static dev.nagare.server.clients.Stock.TENSOR;
import static dev.nagare.server.clients.TritonPythonResult.loads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nagare.server.clients.Replay.Answer;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code tritonclient.http} (Python).
 *
 * <p>Sources, of triton-inference-server/client, below src/python/library/tritonclient/http:
 *
 * <ul>
 *   <li>{@code _client.py} 06344ca: {@code _get}, {@code _post}, {@code infer} and a function for
 *       each path; all use one pooled connection
 *   <li>{@code _utils.py} 03a0aac, lines 85-150: the body, its members in this order
 *   <li>{@code _infer_input.py} 06344ca and {@code _requested_output.py} 36d6b34: {@code
 *       _get_tensor}
 * </ul>
 *
 * <p>Answers are read by {@link TritonPythonResult}.
 *
 * <p>The head comes from geventhttpclient, {@code src/geventhttpclient/client.py} 02f7ad1, {@code
 * _build_request}: the default header, then the caller's, then host and length; names in lower case
 * ({@code header.py}, {@code __setitem__}). No Content-Type. JSON comes from rapidjson, without
 * spaces.
 */
class TritonPythonHttpTest {
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
  void everyCallOfASessionIsAnsweredOnItsOneConnection() throws Exception {
    try (Replay client = stock.connect()) {
      // is_server_live, is_server_ready, is_model_ready: true on 200 and on nothing else
      assertThat(client.send(get("/v2/health/live")).status()).isEqualTo(200);
      assertThat(client.send(get("/v2/health/ready")).status()).isEqualTo(200);
      assertThat(client.send(get("/v2/models/small/ready")).status()).isEqualTo(200);
      assertThat(client.send(get("/v2/models/small/versions/1/ready")).status()).isEqualTo(200);
      assertThat(client.send(get("/v2/models/small/versions/9/ready")).status()).isNotEqualTo(200);

      JsonNode server = loads(client.send(get("/v2"))); // get_server_metadata
      assertThat(server.path("extensions")).extracting(JsonNode::textValue).contains("statistics");
      JsonNode model = loads(client.send(get("/v2/models/small"))); // get_model_metadata
      assertThat(model.at("/inputs/0/shape")).hasToString("[-1,3]");
      JsonNode config = loads(client.send(get("/v2/models/small/versions/1/config")));
      assertThat(config.path("max_batch_size").isInt()).isTrue();
      JsonNode statistics = loads(client.send(get("/v2/models/small/stats")));
      assertThat(statistics.path("model_stats")).hasSize(1);
      assertThat(loads(client.send(get("/v2/models/stats"))).path("model_stats")).hasSize(1);
    }
  }

  @Test
  void theRepositoryIsControlledWithAndWithoutALengthOfTheEmptyBody() throws Exception {
    try (Replay client = stock.connect()) {
      // get_model_repository_index posts ""; geventhttpclient 2.0.8 then sends no length at all
      JsonNode index =
          loads(
              client.send(
                  """
                  POST /v2/repository/index HTTP/1.1
                  user-agent: python/gevent-http-client-2.0.8
                  host: localhost:{port}
                  """));
      assertThat(index.at("/0/name").asText()).isEqualTo("small");
      assertThat(index.at("/0/state").asText()).isEqualTo("READY");
      // and from 02f7ad1 on: 0
      assertThat(
              loads(
                  client.send(
                      """
                      POST /v2/repository/index HTTP/1.1
                      user-agent: python/gevent-http-client-2.0.8
                      host: localhost:{port}
                      content-length: 0
                      """)))
          .isEqualTo(index);

      // unload_model, load_model: 200, and the body is not read
      assertThat(
              client
                  .send(
                      """
                      POST /v2/repository/models/small/unload HTTP/1.1
                      user-agent: python/gevent-http-client-2.0.8
                      host: localhost:{port}
                      content-length: 42

                      {"parameters":{"unload_dependents":false}}
                      """)
                  .status())
          .isEqualTo(200);
      assertThat(client.send(get("/v2/models/small/ready")).status()).isNotEqualTo(200);
      assertThat(
              client
                  .send(
                      """
                      POST /v2/repository/models/small/load HTTP/1.1
                      user-agent: python/gevent-http-client-2.0.8
                      host: localhost:{port}
                      content-length: 2

                      {}
                      """)
                  .status())
          .isEqualTo(200);
      assertThat(client.send(get("/v2/models/small/ready")).status()).isEqualTo(200);
    }
  }

  @Test
  void whatItSendsByDefaultComesBackAsBytes() throws Exception {
    try (Replay client = stock.connect()) {
      TritonPythonResult result =
          TritonPythonResult.of(
              client.send(
                  """
                  POST /v2/models/small/infer HTTP/1.1
                  user-agent: python/gevent-http-client-2.0.8
                  inference-header-content-length: 135
                  host: localhost:{port}
                  content-length: 147

                  {"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","parameters":{"binary_data_size":12}}],"parameters":{"binary_data_output":true}}
                  """,
                  TENSOR));

      assertThat(result.floats("y")).containsExactly(1, 0, 3);
      assertThat(result.json().has("id")).isFalse();
    }
  }

  @Test
  void anIdIsEchoedAndPriorityAndTimeoutAreTaken() throws Exception {
    try (Replay client = stock.connect()) {
      TritonPythonResult result =
          TritonPythonResult.of(
              client.send(
                  """
                  POST /v2/models/small/versions/1/infer HTTP/1.1
                  user-agent: python/gevent-http-client-2.0.8
                  inference-header-content-length: 176
                  host: localhost:{port}
                  content-length: 188

                  {"id":"a1","inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","parameters":{"binary_data_size":12}}],"parameters":{"priority":1,"timeout":1000000,"binary_data_output":true}}
                  """,
                  TENSOR));

      assertThat(result.json().path("id").asText()).isEqualTo("a1");
      assertThat(result.floats("y")).containsExactly(1, 0, 3);
    }
  }

  @Test
  void bodiesInGzipAndDeflateAreReadAndAnswered() throws Exception {
    // gzip.compress and zlib.compress of the default request; the length counts plain bytes
    byte[] gzip =
        HexFormat.of()
            .parseHex(
                "1f8b0800e1b7076b02ffab56cacc2b282d2956b28aae56ca4bcc4d55b252aa50d2512ace482c00b2a30d758c63"
                    + "759452124b124b2a41024a6e01c64640f982c422a0e292d422a0ce6aa5a4ccbcc4a2ca7890b2f8e2cc2aa03a43"
                    + "a3dada587ccaf24b4b80f62a59951495a6d6d6323034d83330301c6060707000002fea627993000000");
    byte[] deflate =
        HexFormat.of()
            .parseHex(
                "789cab56cacc2b282d2956b28aae56ca4bcc4d55b252aa50d2512ace482c00b2a30d758c63759452124b124b2a"
                    + "41024a6e01c64640f982c422a0e292d422a0ce6aa5a4ccbcc4a2ca7890b2f8e2cc2aa03a43a3dada587ccaf24b"
                    + "4b80f62a59951495a6d6d6323034d83330301c606070700000186530dd");
    try (Replay client = stock.connect()) {
      assertThat(coded(client, "gzip", gzip).floats("y")).containsExactly(1, 0, 3);
      assertThat(coded(client, "deflate", deflate).floats("y")).containsExactly(1, 0, 3);
    }
  }

  private static TritonPythonResult coded(Replay client, String coding, byte[] body)
      throws Exception {
    Answer answer =
        client.send(
            """
            POST /v2/models/small/infer HTTP/1.1
            user-agent: python/gevent-http-client-2.0.8
            content-encoding: %s
            accept-encoding: %s
            inference-header-content-length: 135
            host: localhost:{port}
            content-length: %d
            """
                .formatted(coding, coding, body.length),
            body);
    assertThat(answer.header("Content-Encoding")).isEqualTo(coding);
    return TritonPythonResult.of(answer);
  }

  @Test
  void jsonComesBackAsJson() throws Exception {
    try (Replay client = stock.connect()) {
      Answer answer =
          client.send(
              """
              POST /v2/models/small/infer HTTP/1.1
              user-agent: python/gevent-http-client-2.0.8
              host: localhost:{port}
              content-length: 139

              {"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1.0,-2.0,3.0]}],"outputs":[{"name":"y","parameters":{"binary_data":false}}]}
              """);

      assertThat(answer.header("Inference-Header-Content-Length")).isNull();
      assertThat(TritonPythonResult.of(answer).floats("y")).containsExactly(1, 0, 3);
    }
  }

  @Test
  void anEmptyTensorIsReadAndRefusedByAModelThatWantsARow() throws Exception {
    try (Replay client = stock.connect()) {
      Answer answer =
          client.send(
              """
              POST /v2/models/small/infer HTTP/1.1
              user-agent: python/gevent-http-client-2.0.8
              inference-header-content-length: 134
              host: localhost:{port}
              content-length: 134

              {"inputs":[{"name":"x","shape":[0,3],"datatype":"FP32","parameters":{"binary_data_size":0}}],"parameters":{"binary_data_output":true}}
              """);

      assertThat(answer.status()).isEqualTo(400);
      assertThatThrownBy(() -> loads(answer)).hasMessageContaining("input x: expected N");
    }
  }

  @Test
  void classificationComesBackAsTextsWithLengths() throws Exception {
    try (Replay client = stock.connect()) {
      TritonPythonResult result =
          TritonPythonResult.of(
              client.send(
                  """
                  POST /v2/models/small/infer HTTP/1.1
                  user-agent: python/gevent-http-client-2.0.8
                  inference-header-content-length: 172
                  host: localhost:{port}
                  content-length: 184

                  {"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","parameters":{"binary_data_size":12}}],"outputs":[{"name":"y","parameters":{"classification":2,"binary_data":true}}]}
                  """,
                  TENSOR));

      assertThat(result.texts("y")).containsExactly("3.0:2", "1.0:0");
    }
  }

  @Test
  void aRefusalIsReadAsAnErrorAndTheConnectionGoesOn() throws Exception {
    try (Replay client = stock.connect()) {
      Answer refused =
          client.send(
              """
              POST /v2/models/small/infer HTTP/1.1
              user-agent: python/gevent-http-client-2.0.8
              inference-header-content-length: 204
              host: localhost:{port}
              content-length: 216

              {"id":"a1","inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","parameters":{"binary_data_size":12}}],"parameters":{"sequence_id":7,"sequence_start":true,"sequence_end":false,"binary_data_output":true}}
              """,
              TENSOR);
      assertThatThrownBy(() -> TritonPythonResult.of(refused)).hasMessageContaining("sequence_id");
      assertThat(client.send(get("/v2/health/live")).status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  // urllib.parse.quote of "no such", "smäll", "a/b" and "a+b"
  @ValueSource(strings = {"no%20such", "sm%C3%A4ll", "a/b", "a%2Bb"})
  void aQuotedNameThatIsNoModelsIsAnErrorInJson(String quoted) throws Exception {
    try (Replay client = stock.connect()) {
      Answer answer = client.send(get("/v2/models/" + quoted));
      assertThat(answer.status()).isBetween(400, 499);
      assertThatThrownBy(() -> loads(answer)).isInstanceOf(TritonPythonResult.Refused.class);
      assertThat(client.send(get("/v2/models/small")).status()).isEqualTo(200);
    }
  }

  private static String get(String path) {
    return """
    GET %s HTTP/1.1
    user-agent: python/gevent-http-client-2.0.8
    host: localhost:{port}
    """
        .formatted(path);
  }
}
