package dev.nagare.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.config.NagareConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pictures and texts over HTTP, answered by models of a folder. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProcessingTest {
  private static final String FORM = "multipart/form-data; boundary=xyz";
  private static final byte[] RED_PNG = SeeingModels.plain("png", 9, 5, 0xff0000);
  private static final double E = Math.E;

  private final HttpClient http = HttpClient.newHttpClient();
  private Path models = Path.of("");
  private @Nullable Server server;
  private URI at = URI.create("http://127.0.0.1");
  private URI metricsAt = at;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    models = folder.resolve("models");
    SeeingModels.colours(models.resolve("colours/1"));
    SeeingModels.words(models.resolve("words/1"));
    SmallModel.write(models.resolve("small/1/model.onnx"));
    Path config = folder.resolve("nagare.yaml");
    Files.writeString(
        config,
        """
        server: {port: 0, grpc-port: 0, metrics-port: 0, max-body-bytes: 200000}
        processing: {max-pixels: 10000, max-texts: 3, max-text-characters: 20}
        data: "%s"
        repository: "%s"
        """
            .formatted(folder.resolve("data"), models));
    Server started = Server.start(NagareConfig.read(config, Map.of()));
    server = started;
    at = URI.create("http://127.0.0.1:" + started.port());
    metricsAt = URI.create("http://127.0.0.1:" + started.metricsPort());
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> get(at, "/v2/health/ready").statusCode() == 200);
  }

  @AfterAll
  void stop() {
    if (server != null) {
      server.close();
    }
    http.shutdownNow();
  }

  private HttpResponse<String> get(URI from, String path) throws Exception {
    return http.send(HttpRequest.newBuilder(from.resolve(path)).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, byte[] body, String... headers) throws Exception {
    var request =
        HttpRequest.newBuilder(at.resolve("/v2/models/" + path))
            .POST(BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return post(path, body.getBytes(UTF_8));
  }

  private static JsonNode json(HttpResponse<String> answer) throws IOException {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return new ObjectMapper().readTree(answer.body());
  }

  private static void isRed(HttpResponse<String> answer) throws IOException {
    JsonNode json = json(answer);
    assertThat(json.path("model_name").asText()).isEqualTo("colours");
    assertThat(json.path("model_version").asText()).isEqualTo("1");
    assertThat(json.path("classes")).hasSize(2);
    JsonNode best = json.at("/classes/0");
    assertThat(best.path("label").asText()).isEqualTo("red");
    assertThat(best.path("index").asInt()).isZero();
    // Scores 1, 0, 0, and a JPEG is a little off.
    assertThat(best.path("score").asDouble()).isEqualTo(E / (E + 2), within(0.01));
  }

  @Test
  void aPictureIsClassifiedAsAFormAsItIsAndCompressed() throws Exception {
    isRed(post("colours/classify", SeeingModels.form("image", RED_PNG), "Content-Type", FORM));
    isRed(post("colours/classify", RED_PNG, "Content-Type", "image/png"));
    isRed(post("colours/versions/1/classify", RED_PNG));
    byte[] jpeg = SeeingModels.plain("jpeg", 20, 30, 0xff0000);
    isRed(post("colours/classify", jpeg, "Content-Type", "application/x-www-form-urlencoded"));
    var zipped = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(zipped)) {
      out.write(RED_PNG);
    }
    isRed(post("colours/classify", zipped.toByteArray(), "Content-Encoding", "gzip"));
  }

  @Test
  void anAnswerIsCompressedIfTheCallerAsks() throws Exception {
    assertThat(
            post("colours/classify", RED_PNG, "Accept-Encoding", "gzip")
                .headers()
                .firstValue("Content-Encoding"))
        .hasValue("gzip");
  }

  private static byte[] huge() {
    byte[] png = RED_PNG.clone();
    ByteBuffer.wrap(png).putInt(16, 20_000).putInt(20, 20_000);
    var sum = new CRC32();
    sum.update(png, 12, 17);
    ByteBuffer.wrap(png).putInt(29, (int) sum.getValue());
    return png;
  }

  @Test
  void picturesThatAreNoneAreRefusedWithTheReason() throws Exception {
    refused(post("colours/classify", huge()), 413, "at most 10000 pixels", "got 20000 x 20000");
    byte[] part = Arrays.copyOf(RED_PNG, RED_PNG.length - 9);
    refused(post("colours/classify", part), 400, "the PNG is cut off");
    byte[] gif = SeeingModels.plain("gif", 3, 3, 0);
    refused(
        post("colours/classify", gif, "Content-Type", "image/gif"),
        415,
        "expected PNG or JPEG, got GIF");
    refused(post("colours/classify", gif), 415, "body: expected a form");
    refused(post("colours/classify", new byte[0]), 400, "got nothing");
    byte[] large = new byte[200_001];
    refused(post("colours/classify", large), 413, "server.max-body-bytes");
    refused(
        post("colours/classify", SeeingModels.form("picture", RED_PNG), "Content-Type", FORM),
        400,
        "form: expected one field image, or fields text, got 0 and 0");
    refused(post("colours/classify", RED_PNG, "Content-Type", "multipart/form-data"), 400, "form");
    refused(post("colours/classify", RED_PNG, "Content-Type", FORM), 400, "form");
    refused(post("colours/versions/2/classify", RED_PNG), 404, "'2'");
    refused(post("none/classify", RED_PNG), 404, "model 'none' is not served here");
    refused(post("colours/classify", RED_PNG, "Content-Encoding", "br"), 415, "gzip");
  }

  private static void refused(HttpResponse<String> answer, int status, String... said)
      throws IOException {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(new ObjectMapper().readTree(answer.body()).path("error").asText()).contains(said);
  }

  @Test
  void aTextBecomesAVector() throws Exception {
    JsonNode one = json(post("words/embed", "{\"text\": \"East\"}"));
    assertThat(one.path("model_name").asText()).isEqualTo("words");
    assertThat(one.path("embeddings")).hasToString("[[1.0,0.0]]");
    assertThat(one.has("similarities")).isFalse();
    JsonNode form =
        json(
            post(
                "words/embed",
                SeeingModels.form("text", "north".getBytes(UTF_8)),
                "Content-Type",
                FORM));
    assertThat(form.path("embeddings")).hasToString("[[0.0,1.0]]");
  }

  @Test
  void textsOfDifferentLengthsAreComparedAndWhatFillsUpHasNoPart() throws Exception {
    String texts =
        "{\"texts\": [\"east\", \"north north north\", \"east north\"], \"compare\": true}";
    JsonNode json = json(post("words/versions/1/embed", texts));
    assertThat(json.path("embeddings")).hasSize(3);
    assertThat(json.at("/embeddings/1")).hasToString("[0.0,1.0]");
    assertThat(json.at("/embeddings/2/0").asDouble()).isEqualTo(Math.sqrt(0.5), within(1e-6));
    assertThat(json.at("/similarities/0/0").asDouble()).isEqualTo(1, within(1e-6));
    assertThat(json.at("/similarities/0/1").asDouble()).isZero();
    assertThat(json.at("/similarities/2/0").asDouble()).isEqualTo(Math.sqrt(0.5), within(1e-6));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"text\": 5}                                | 400 | text: expected a text in quotes, got NUMBER",
        "{\"text\": \"a\", \"texts\": [\"b\"]}        | 400 | expected either text or texts, got both",
        "{}                                           | 400 | got neither",
        "{\"texts\": []}                              | 400 | at least one",
        "{\"texts\": \"a\"}                           | 400 | expected a list of texts",
        "{\"texts\": [\"a\", null]}                   | 400 | texts: expected a text in quotes",
        "{\"text\": \"a\", \"compare\": 1}            | 400 | compare: expected true or false",
        "{\"text\": \"a\"                             | 400 | malformed JSON",
        "[1]                                          | 400 | expected a JSON object",
        "{\"texts\": [\"a\", \"b\", \"c\", \"d\"]}    | 413 | at most 3 (processing.max-texts), got 4",
        "{\"text\": \"123456789012345678901\"}        | 413 | at most 20 characters (processing.max-text-characters), got 21"
      })
  void textsThatAreNoneAreRefusedWithTheReason(String body, int status, String said)
      throws Exception {
    refused(post("words/embed", body), status, said);
  }

  @Test
  void whatAModelDoesNotHaveItSays() throws Exception {
    refused(
        post("colours/classify", "{\"text\": \"red\"}"),
        501,
        "model 'colours' takes no texts: the model.yaml of its version says nothing of input.text");
    refused(post("words/embed", RED_PNG), 501, "model 'words' takes no pictures", "input.image");
    refused(post("words/classify", "{\"text\": \"a\"}"), 501, "gives no classes");
    refused(post("colours/embed", RED_PNG), 501, "gives no embeddings");
    refused(post("small/classify", RED_PNG), 501, "output.classes");
  }

  @Test
  void aCallHasTheTermsOfItsHeaders() throws Exception {
    isRed(post("colours/classify", RED_PNG, "Nagare-Timeout-Ms", "60000", "Nagare-Priority", "1"));
    refused(
        post("colours/classify", RED_PNG, "Nagare-Priority", "high"),
        400,
        "Nagare-Priority: expected a whole number from 0 up");
    refused(
        post("colours/classify", RED_PNG, "Nagare-Timeout-Ms", "soon"), 400, "Nagare-Timeout-Ms");
    byte[] row =
        "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,3],\"data\":[1,2,3]}]}"
            .getBytes(UTF_8);
    refused(post("small/infer", row, "Nagare-Priority", "-1"), 400, "Nagare-Priority", "'-1'");
    assertThat(post("small/infer", row, "Nagare-Priority", "2").statusCode()).isEqualTo(200);
  }

  @Test
  void callsAreCountedAsThoseWithTensorsAre() throws Exception {
    isRed(post("colours/classify", RED_PNG));
    refused(post("colours/classify", huge()), 413, "pixels");
    String page = get(metricsAt, "/metrics").body();
    assertThat(page)
        .containsPattern(
            "nagare_requests_total\\{code=\"200\",door=\"http\",model=\"colours\"} [1-9]")
        .containsPattern("nagare_batch_rows_count\\{model=\"colours\"} [1-9]")
        .containsPattern(
            "nagare_refused_requests_total\\{model=\"colours\",reason=\"invalid\"} [1-9]")
        .contains("nagare_processing_waiting 0.0");
  }

  @Test
  void aVersionHasItsOwnLabelsAndOneWithFaultsSaysThem() throws Exception {
    SeeingModels.colours(models.resolve("turning/1"));
    assertThat(post("../repository/models/turning/load", "").body()).isEqualTo("{}");
    assertThat(json(post("turning/classify", RED_PNG)).at("/classes/0/label").asText())
        .isEqualTo("red");
    Path second = SeeingModels.colours(models.resolve("turning/2"));
    Files.writeString(second.resolve("labels.txt"), "rot\ngrün\nblau\n");
    assertThat(post("../repository/models/turning/load", "").body()).isEqualTo("{}");
    JsonNode turned = json(post("turning/classify", RED_PNG));
    assertThat(turned.at("/classes/0/label").asText()).isEqualTo("rot");
    assertThat(turned.path("model_version").asText()).isEqualTo("2");

    Path third = SeeingModels.colours(models.resolve("turning/3"));
    Files.writeString(
        third.resolve("model.yaml"),
        "input:\n  image: {width: 5}\noutput:\n  classes: {labels: ../1/labels.txt}\n");
    refused(
        post("../repository/models/turning/load", ""),
        400,
        "model.yaml:2: input.image.width: expected 4 as the model has it, got 5",
        "model.yaml:4: output.classes.labels: expected the name of a file in the folder");
    assertThat(json(post("turning/classify", RED_PNG)).path("model_version").asText())
        .isEqualTo("2");
    assertThat(post("../repository/models/turning/unload", "").body()).isEqualTo("{}");
  }
}
