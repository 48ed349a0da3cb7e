package dev.nagare.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.Doors;
import dev.nagare.server.FakeModel;
import dev.nagare.server.admission.Serving;
import dev.nagare.streaming.Refusal;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.PooledMemory;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpDoorTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String INFER = "/v2/models/pulse/infer";
  private static final String REQUEST =
      "{\"id\":\"a1\",\"inputs\":[{\"name\":\"window\",\"shape\":[1,2,3],\"datatype\":\"FP32\",\"data\":[1,2,3,4,5,6]}]}";

  private final Doors doors = Doors.open();

  @AfterEach
  void close() {
    doors.close();
  }

  @ParameterizedTest
  @CsvSource({"/v2", "/v2/"})
  void saysWhichServerItIs(String path) throws Exception {
    HttpResponse<String> answer = doors.get(path);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(answer.body())
        .isEqualTo(
            "{\"name\":\"nagare\",\"version\":\"test\",\"extensions\":[\"binary_tensor_data\","
                + "\"classification\",\"parameters\",\"schedule_policy\",\"statistics\",\"model_configuration\","
                + "\"model_repository\"]}");
  }

  @Test
  void isReadyWithTheReasonWhenDegraded() throws Exception {
    assertThat(doors.get("/v2/health/live").body()).isEqualTo("{\"live\":true}");
    assertThat(doors.get("/v2/health/ready").body()).isEqualTo("{\"ready\":true}");

    doors.model.degraded("Kafka at 127.0.0.1:9092 does not answer");

    HttpResponse<String> answer = doors.get("/v2/health/ready");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(json(answer).get("degraded").asText())
        .isEqualTo("pulse: Kafka at 127.0.0.1:9092 does not answer");
  }

  @Test
  void isNotReadyWhileStarting() throws Exception {
    try (var starting = new Doors(Set.of(), Set.of(), 0)) {
      HttpResponse<String> ready = starting.get("/v2/health/ready");
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(json(ready).get("ready").asBoolean()).isFalse();
      assertThat(json(ready).get("reason").asText()).contains("starting");
      assertThat(starting.get("/v2/health/live").statusCode()).isEqualTo(200);
      assertError(starting.get("/v2/models/pulse"), 503, "the server is starting");
      assertError(starting.post(INFER, REQUEST), 503, "the server is starting");
    }
  }

  @ParameterizedTest
  @CsvSource({"/v2/models/pulse", "/v2/models/pulse/versions/7", "/v2/models/p%75lse"})
  void describesAModel(String path) throws Exception {
    JsonNode model = json(doors.get(path));

    assertThat(model.get("name").asText()).isEqualTo("pulse");
    assertThat(model.get("versions").toString()).isEqualTo("[\"7\"]");
    assertThat(model.get("inputs").toString())
        .isEqualTo("[{\"name\":\"window\",\"datatype\":\"FP32\",\"shape\":[-1,32,3]}]");
  }

  @Test
  void saysWhichRecordsMadeAVersion() throws Exception {
    JsonNode lineage = json(doors.get("/v2/models/pulse/lineage"));

    assertThat(lineage.toString())
        .startsWith(
            "{\"model\":\"pulse\",\"version\":7,\"topic\":\"pulse.requests\",\"partition\":0,"
                + "\"first_offset\":3,\"next_offset\":40,\"examples\":37,\"refused\":2,\"quarantined\":1,");
    assertThat(lineage.get("checkpoints").toString())
        .isEqualTo(
            "[{\"name\":\"pulse-5-17-3\",\"step\":5,\"sha256\":\"ab12\",\"bytes\":1234,\"chunks\":1,"
                + "\"chunk_offset\":55,\"topic\":\"pulse.requests\",\"partition\":0,\"first_offset\":3,"
                + "\"next_offset\":38,\"examples\":35,\"refused\":2,\"quarantined\":1,"
                + "\"records_digest\":\"cd34\",\"state_hash\":\"ef56\",\"configuration\":\"0a0b\","
                + "\"kernel_id\":\"test kernels\",\"written_at\":\"2026-11-25T10:00:00Z\"}]");
    assertError(doors.get("/v2/models/pluse/lineage"), 404, "served: pulse");
  }

  @Test
  void learnsAndLabelsAreRefusedByAModelThatDoesNotLearn() throws Exception {
    assertError(doors.post("/v2/models/pulse/learn", REQUEST), 501, "does not learn");
    assertError(doors.post("/v2/models/pulse/labels", "{}"), 501, "does not learn");
    assertError(doors.post("/v2/models/pluse/learn", REQUEST), 404, "served: pulse");
    assertError(doors.get("/v2/models/pulse/learn"), 405, "expected POST");
  }

  @Test
  void saysWhatAModelIsDoingAndHowGoodItIs() throws Exception {
    JsonNode before = json(doors.get("/v2/models/pulse/status"));
    doors.model.emit(FakeModel.event(7));
    JsonNode after = json(doors.get("/v2/models/pulse/status"));

    assertThat(before.get("scores").isNull()).isTrue();
    assertThat(before.get("learning").asBoolean()).isTrue();
    assertThat(before.get("guards").toString()).isEqualTo("{\"loss-spike\":1}");
    assertThat(before.get("checkpoint_step").asLong()).isEqualTo(5);
    assertThat(after.get("scores").get("offset").asLong()).isEqualTo(40);
    assertThat(after.get("scores").get("windowed").get("repeat-last").asDouble()).isEqualTo(0.75);
  }

  @ParameterizedTest
  @CsvSource({"/v2/models/pulse/ready", "/v2/models/pulse/versions/7/ready"})
  void saysWhetherAModelIsReady(String path) throws Exception {
    assertThat(doors.get(path).body()).isEqualTo("{\"name\":\"pulse\",\"ready\":true}");
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/models/pluse, 'model ''pluse'' is not served here; served: pulse, echo'",
    "/v2/models/pluse/ready, model 'pluse' is not served here",
    "/v2/models/pulse/versions/6, asked for '6'",
    "/v2/models/pulse/versions/6/ready, published is 7",
    "/v3, there is nothing at /v3",
    "/v2/models, there is nothing at /v2/models"
  })
  void answersNotFoundInASentence(String path, String sentence) throws Exception {
    assertError(doors.get(path), 404, sentence);
  }

  @ParameterizedTest
  @CsvSource({INFER, "/v2/models/pulse/versions/7/infer"})
  void answersARequest(String path) throws Exception {
    HttpResponse<String> answer = doors.post(path, REQUEST);

    assertThat(answer.statusCode()).isEqualTo(200);
    JsonNode prediction = json(answer);
    assertThat(prediction.get("model_version").asText()).isEqualTo("7");
    assertThat(prediction.get("id").asText()).isEqualTo("a1");
    assertThat(prediction.at("/parameters/lineage_offset").asLong()).isEqualTo(40);
    assertThat(prediction.at("/outputs/0/data").toString()).isEqualTo("[1.0,2.0,3.0]");
  }

  @Test
  void takesABodyOfAnyContentType() throws Exception {
    for (String type :
        new String[] {
          "application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"
        }) {
      assertThat(doors.post(INFER, REQUEST, "Content-Type", type).statusCode())
          .as(type)
          .isEqualTo(200);
    }
  }

  @Test
  void refusesOtherVersionsBeforeAnyWork() throws Exception {
    assertError(doors.post("/v2/models/pulse/versions/6/infer", REQUEST), 404, "published is 7");
    assertThat(doors.model.inferred()).isZero();
  }

  @Test
  void refusesWhatIsMalformed() throws Exception {
    assertError(doors.post(INFER, "{\"inputs\":"), 400, "");
    assertError(doors.post(INFER, ""), 400, "");
    assertThat(doors.model.inferred()).isZero();
  }

  @Test
  void passesRefusalsOn() throws Exception {
    doors.model.refuse(429, "queue full: 1024 rows wait");

    HttpResponse<String> answer = doors.post(INFER, REQUEST);

    assertError(answer, 429, "queue full: 1024 rows wait");
    assertThat(answer.headers().firstValue("Retry-After")).hasValue("1");
  }

  @Test
  void refusesBodiesOverTheLimitAndGoesOn() throws Exception {
    String large = " ".repeat(Doors.MAX_BODY_BYTES + 1);
    assertError(
        doors.post(INFER, large),
        413,
        "expected a body of at most 4096 bytes (server.max-body-bytes), got 4097");
    var chunked =
        HttpRequest.newBuilder(doors.uri(INFER))
            .POST(BodyPublishers.fromPublisher(BodyPublishers.ofString(large.repeat(300))));
    assertError(doors.send(chunked), 413, "at most 4096 bytes");
    assertThat(doors.post(INFER, REQUEST).statusCode()).isEqualTo(200);
  }

  @Test
  void refusesEncodingsItDoesNotSpeak() throws Exception {
    assertError(doors.post(INFER, REQUEST, "Content-Encoding", "br"), 415, "got 'br'");
    assertError(doors.post(INFER, REQUEST, "Content-Encoding", "gzip, gzip"), 415, "expected gzip");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, " + INFER + ", POST",
    "POST, /v2, 'GET, HEAD'",
    "DELETE, /v2/models/pulse, 'GET, HEAD'",
    "PUT, /, 'GET, HEAD'"
  })
  void namesTheMethodsOfAPath(String method, String path, String allowed) throws Exception {
    var request = HttpRequest.newBuilder(doors.uri(path)).method(method, BodyPublishers.noBody());

    HttpResponse<String> answer = doors.send(request);

    assertError(answer, 405, "got " + method);
    assertThat(answer.headers().firstValue("Allow")).hasValue(allowed);
  }

  @Test
  void answersHead() throws Exception {
    var head =
        HttpRequest.newBuilder(doors.uri("/v2/health/ready"))
            .method("HEAD", BodyPublishers.noBody());
    assertThat(doors.send(head).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, 200",
    "LOCALHOST:9, 200",
    "127.0.0.1:8000, 200",
    "[::1]:8000, 200",
    "evil.example, 403",
    "127.0.0.1.evil.example, 403",
    "localhost.evil.example:80, 403"
  })
  void knowsItsNames(String host, int status) throws Exception {
    assertThat(raw("GET /v2 HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 " + status);
  }

  @Test
  void takesConfiguredNamesAndOrigins() throws Exception {
    try (var others = new Doors(Set.of("box.example"), Set.of("https://app.example"), 0)) {
      others.openModels();
      assertThat(
              raw(others, "GET /v2 HTTP/1.1\r\nHost: box.example:80\r\nConnection: close\r\n\r\n"))
          .startsWith("HTTP/1.1 200");
      assertThat(others.post(INFER, REQUEST, "Origin", "https://app.example").statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void letsOnlyItsOwnPagesPost() throws Exception {
    assertThat(
            doors.post(INFER, REQUEST, "Origin", "http://127.0.0.1:" + doors.port()).statusCode())
        .isEqualTo(200);
    assertError(
        doors.post(INFER, REQUEST, "Origin", "http://evil.example"),
        403,
        "pages of origin 'http://evil.example'");
    assertError(doors.post(INFER, REQUEST, "Origin", "null"), 403, "server.allowed-origins");
    assertThat(doors.get("/v2", "Origin", "http://evil.example").statusCode()).isEqualTo(200);
  }

  @Test
  void answersWhatIsNoHttp() throws Exception {
    assertThat(raw("GET /v2/models/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 400")
        .contains("{\"error\":");
    assertThat(raw("POST " + INFER + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n"))
        .startsWith("HTTP/1.1 400");
    assertThat(raw("GET /v2 HTTP/1.1\r\nConnection: close\r\n\r\n")).startsWith("HTTP/1.1 400");
  }

  @Test
  void survivesCallersThatLeave() throws Exception {
    CompletableFuture<Void> gate = doors.model.hold();
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), doors.port())) {
      socket.getOutputStream().write(post(REQUEST.length(), REQUEST));
      await().until(() -> doors.model.inferred() == 1);
    }
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), doors.port())) {
      socket.getOutputStream().write(post(100, "{")); // leaves in the middle of the body
    }
    gate.complete(null);

    assertThat(doors.post(INFER, REQUEST).statusCode()).isEqualTo(200);
    await().until(() -> doors.serving.drain().toCompletableFuture().isDone());
  }

  @Test
  void beforeItDrainsItIsNotReadyAndAnswersAndSendsCallersElsewhere() throws Exception {
    assertThat(doors.post(INFER, REQUEST).headers().firstValue("Connection")).isEmpty();
    doors.serving.leave();

    assertThat(doors.get("/v2/health/live").statusCode()).isEqualTo(200);
    assertThat(doors.get("/v2/models/pulse/ready").statusCode()).isEqualTo(503);
    assertError(doors.get("/v2/health/ready"), 503, "the server is stopping");
    HttpResponse<String> answer = doors.post(INFER, REQUEST);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Connection")).hasValue("close");
  }

  @Test
  void aConnectionEndsWithTheAnswerOfAServerThatStops() throws Exception {
    doors.serving.drain();
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), doors.port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(post(REQUEST.length(), REQUEST));
      String all =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8); // to its end
      assertThat(all).startsWith("HTTP/1.1 503 ").containsIgnoringCase("\r\nconnection: close\r\n");
    }
  }

  @Test
  void answersWhatItAcceptedWhileDraining() throws Exception {
    CompletableFuture<Void> gate = doors.model.hold();
    var request =
        HttpRequest.newBuilder(doors.uri(INFER)).POST(BodyPublishers.ofString(REQUEST)).build();
    var pending = doors.client.sendAsync(request, BodyHandlers.ofString());
    await().until(() -> doors.model.inferred() == 1);

    var drained = doors.serving.drain().toCompletableFuture();

    assertThat(doors.serving.phase()).isEqualTo(Serving.Phase.DRAINING);
    assertThat(doors.get("/v2/health/ready").statusCode()).isEqualTo(503);
    assertThat(doors.get("/v2/health/live").statusCode()).isEqualTo(200);
    assertError(doors.post(INFER, REQUEST), 503, "the server is stopping");
    assertThat(drained).isNotDone();
    gate.complete(null);
    assertThat(pending.join().statusCode()).isEqualTo(200);
    await().until(drained::isDone);
  }

  @Test
  void handsOnUntilWhenItsCallerWaits() throws Exception {
    doors.post(INFER, REQUEST);
    assertThat(asked().limited()).isFalse();

    long before = System.nanoTime();
    doors.post(INFER, REQUEST, "Nagare-Timeout-Ms", "2500");

    assertThat(asked().limited()).isTrue();
    assertThat(asked().priority()).isEqualTo(Terms.Priority.INTERACTIVE);
    assertThat(asked().deadlineNanos() - before).isGreaterThanOrEqualTo(2_500_000_000L);
    assertThat(asked().deadlineNanos() - System.nanoTime()).isLessThanOrEqualTo(2_500_000_000L);
  }

  @Test
  void theProtocolsTimeoutAndPriorityAreTermsAndTheShorterTimeoutCounts() throws Exception {
    String request =
        REQUEST.replaceFirst("\\{", "{\"parameters\":{\"timeout\":2500000,\"priority\":3},");
    long before = System.nanoTime();
    assertThat(doors.post(INFER, request, "Nagare-Timeout-Ms", "60000").statusCode())
        .isEqualTo(200);

    assertThat(asked().urgency()).isEqualTo(3);
    assertThat(asked().deadlineNanos() - before).isGreaterThanOrEqualTo(2_500_000_000L);
    assertThat(asked().deadlineNanos() - System.nanoTime()).isLessThanOrEqualTo(2_500_000_000L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "1.5", "soon", "", "9999999999999999999999"})
  void refusesATimeoutThatIsNoNumberOfMilliseconds(String timeout) throws Exception {
    assertError(
        doors.post(INFER, REQUEST, "Nagare-Timeout-Ms", timeout),
        400,
        "Nagare-Timeout-Ms: expected milliseconds, a whole number from 1 up, got '" + timeout);
    assertThat(doors.model.inferred()).isZero();
  }

  @Test
  void noticesThatACallerHasLeft() throws Exception {
    CompletableFuture<Void> gate = doors.model.hold();
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), doors.port())) {
      socket.getOutputStream().write(post(REQUEST.length(), REQUEST));
      await().until(() -> doors.model.inferred() == 1);
      assertThat(asked().left()).isFalse();
    }
    await().until(() -> asked().left());
    gate.complete(null);
    assertThat(doors.serving.drain().toCompletableFuture())
        .succeedsWithin(Duration.ofSeconds(20)); // what was accepted has ended, read or not
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 1", "1000, 1", "1001, 2", "61000, 61"})
  void saysWhenToTryAgain(long millis, String seconds) throws Exception {
    doors.model.busy("full", millis);
    HttpResponse<String> answer = doors.post(INFER, REQUEST);
    assertError(answer, 429, "full");
    assertThat(answer.headers().firstValue("Retry-After")).hasValue(seconds);
  }

  private Terms asked() {
    return Objects.requireNonNull(doors.model.asked());
  }

  @Test
  void showsTheMetrics() throws Exception {
    doors.metrics.learned("pulse", 1, 1_000);
    doors.metrics.batch("pulse", 1, 3, 50_000);
    doors.metrics.cost("pulse", 10_000, 30_000, 250);
    doors.metrics.refused("pulse", "deadline-at-door");
    doors.post(INFER, "{}");
    doors.metrics.learned("a caller's text", 1, 1);
    doors.metrics.deadLetter("pulse", Refusal.UNKNOWN_MODEL);
    doors.metrics.guarded("pulse", "loss-spike");
    doors.metrics.guarded("a caller's text", "loss-spike");
    doors.metrics.fenced("pulse");
    doors.metrics.committed("pulse", 12, 3_000_000);
    doors.metrics.checkpointed("pulse", 20_000_000);
    doors.post(INFER, REQUEST);
    doors.post("/v2/models/nonsense/infer", REQUEST);
    doors.get("/anything");

    await()
        .untilAsserted(
            () ->
                assertThat(doors.get("/metrics").body())
                    .contains(
                        "nagare_learned_examples_total{model=\"pulse\"} 1.0",
                        "nagare_batch_rows_bucket{model=\"pulse\",le=\"4.0\"} 1",
                        "nagare_batch_cost_per_work_seconds{model=\"pulse\"} 1.0E-5",
                        "nagare_batch_cost_fixed_seconds{model=\"pulse\"} 3.0E-5",
                        "nagare_batch_work_limit{model=\"pulse\"} 250.0",
                        refused("deadline-at-door", 1),
                        refused("invalid", 1),
                        refused("bytes", 0),
                        refused("over-target", 0),
                        refused("deadline-passed", 0),
                        refused("cancelled", 0),
                        "nagare_requests_total{code=\"200\",door=\"http\",model=\"pulse\"} 1.0",
                        "nagare_http_responses_total{code=\"404\",route=\"other\"} 1.0",
                        "nagare_http_responses_total{code=\"404\",route=\"/v2/models/:model/infer\"} 1.0",
                        "nagare_request_duration_seconds_count{door=\"http\",model=\"pulse\"} 2",
                        "nagare_dead_letters_total{model=\"pulse\",reason=\"unknown-model\"} 1.0",
                        "nagare_dead_letters_total{model=\"pulse\",reason=\"label\"} 0.0",
                        "nagare_guards_total{guard=\"loss-spike\",model=\"pulse\"} 1.0",
                        "nagare_fenced_total{model=\"pulse\"} 1.0",
                        "nagare_committed_records_total{model=\"pulse\"} 12.0",
                        "nagare_commit_duration_seconds_count{model=\"pulse\"} 1",
                        "nagare_checkpoint_duration_seconds_bucket{model=\"pulse\",le=\"0.025\"} 1",
                        "nagare_learner{model=\"pulse\"} 1.0",
                        "nagare_checkpoint_step{model=\"pulse\"} 5.0",
                        "nagare_ready 1.0",
                        "nagare_model_version{model=\"pulse\"} 7.0",
                        "nagare_degraded{model=\"pulse\"} 0.0",
                        "jvm_memory_used_bytes")
                    .doesNotContain("nonsense", "a caller's text"));
  }

  private static String refused(String reason, int times) {
    return "nagare_refused_requests_total{model=\"pulse\",reason=\"%s\"} %d.0"
        .formatted(reason, times);
  }

  @Test
  void countsWhatThereIsNoMemoryFor() throws Exception {
    var requests = new MemoryPool("requests", 4096);
    doors.serving.open(List.of(doors.model), new ProtocolJson(requests));
    PooledMemory others = requests.open(4096);
    assertError(doors.post(INFER, REQUEST), 429, "the memory for requests is in use");
    others.release();
    assertThat(doors.post(INFER, REQUEST).statusCode()).isEqualTo(200);
    assertThat(doors.get("/metrics").body()).contains(refused("bytes", 1));
  }

  @Test
  void showsTheLivePageWithAStrictPolicy() throws Exception {
    HttpResponse<String> page = doors.get("/");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'")
        .doesNotContain("unsafe");
    assertThat(page.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    var links = Pattern.compile("(?:src|href)=\"(/[^\"]*)\"").matcher(page.body());
    int found = 0;
    while (links.find()) {
      assertThat(doors.get(links.group(1)).statusCode()).as(links.group(1)).isEqualTo(200);
      found++;
    }
    assertThat(found).isGreaterThanOrEqualTo(5);
    assertThat(page.body()).doesNotContain("http://", "https://", "style=", "onclick");
    String tag = page.headers().firstValue("ETag").orElseThrow();
    assertThat(doors.get("/", "If-None-Match", tag).statusCode()).isEqualTo(304);
  }

  private static JsonNode json(HttpResponse<String> answer) throws IOException {
    return JSON.readTree(answer.body());
  }

  private static void assertError(HttpResponse<String> answer, int status, String sentence)
      throws IOException {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(json(answer).get("error").asText()).contains(sentence);
  }

  private static byte[] post(int length, String body) {
    return ("POST "
            + INFER
            + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
            + length
            + "\r\n\r\n"
            + body)
        .getBytes(StandardCharsets.US_ASCII);
  }

  private String raw(String request) throws IOException {
    return raw(doors, request);
  }

  private static String raw(Doors doors, String request) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), doors.port());
        InputStream in = socket.getInputStream()) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
