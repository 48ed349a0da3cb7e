package dev.nagare.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.config.NagareConfig;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pictures, forms and texts with bytes changed at random, sent to a real server: it answers each,
 * never with a failure of its own, and answers what is whole afterwards. What is changed within a
 * picture alone, and the memory that it takes, {@code ImageFuzzTest} of models tries far more
 * often.
 */
class ImageDoorFuzzTest {
  private static final long SEED = 20261126;
  private static final Set<Integer> EXPECTED = Set.of(200, 400, 413, 415, 501);
  private static final byte[] RED = SeeingModels.plain("png", 24, 16, 0xff0000);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  @TempDir private Path folder;

  private static int rounds() {
    return switch (System.getProperty("nagare.checks", "verify")) {
      case "verify" -> 500;
      case "ci" -> 20_000;
      default -> 500_000;
    };
  }

  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Sent(String path, String type, byte[] body) {}

  private static List<Sent> whole() {
    String form = "multipart/form-data; boundary=xyz";
    return List.of(
        new Sent("colours/classify", form, SeeingModels.form("image", RED)),
        new Sent("colours/classify", "image/png", RED),
        new Sent(
            "colours/classify",
            "application/octet-stream",
            SeeingModels.plain("jpeg", 24, 16, 0x00ff00)),
        new Sent(
            "words/embed",
            "application/json",
            "{\"texts\": [\"east north\", \"d\u00e9j\u00e0 vu \u65e5\u672c\"], \"compare\": true}"
                .getBytes(UTF_8)));
  }

  @Test
  void whateverIsSentIsAnswered() throws Exception {
    System.out.printf("seed %d, %d requests%n", SEED, rounds());
    SeeingModels.colours(folder.resolve("models/colours/1"));
    SeeingModels.words(folder.resolve("models/words/1"));
    Path config = folder.resolve("nagare.yaml");
    Files.writeString(
        config,
        """
        server: {port: 0, grpc-port: 0, metrics-port: 0, max-body-bytes: 4096}
        processing: {max-pixels: 65536}
        data: "%s"
        repository: "%s"
        """
            .formatted(folder.resolve("data"), folder.resolve("models")));
    var random = new SplittableRandom(SEED);
    try (Server server = Server.start(NagareConfig.read(config, Map.of()))) {
      URI at = URI.create("http://127.0.0.1:" + server.port() + "/v2/models/");
      await().atMost(Duration.ofSeconds(60)).until(() -> allAreAnswered(at));
      int refused = 0;
      for (int round = 0; round < rounds(); round++) {
        Sent sent = whole().get(round % whole().size());
        byte[] body = mutated(sent.body, random);
        HttpResponse<String> answer = answer(at, new Sent(sent.path, sent.type, body));
        assertThat(EXPECTED)
            .as("round %d of seed %d: %s %s", round, SEED, sent.path, answer.body())
            .contains(answer.statusCode());
        refused += answer.statusCode() == 200 ? 0 : 1;
      }
      assertThat(refused).isPositive();
      assertThat(allAreAnswered(at)).isTrue();
    } finally {
      http.shutdownNow();
    }
  }

  private boolean allAreAnswered(URI at) throws Exception {
    for (Sent sent : whole()) {
      if (answer(at, sent).statusCode() != 200) {
        return false;
      }
    }
    return true;
  }

  private HttpResponse<String> answer(URI at, Sent sent) throws Exception {
    return http.send(
        HttpRequest.newBuilder(at.resolve(sent.path))
            .header("Content-Type", sent.type)
            .timeout(Duration.ofSeconds(60))
            .POST(BodyPublishers.ofByteArray(sent.body))
            .build(),
        BodyHandlers.ofString());
  }

  private static byte[] mutated(byte[] whole, SplittableRandom random) {
    byte[] bytes = whole.clone();
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
        default -> {
          int from = random.nextInt(bytes.length);
          int length = random.nextInt(bytes.length - Math.max(at, from) + 1);
          System.arraycopy(bytes.clone(), from, bytes, at, length);
        }
      }
    }
    return bytes;
  }
}
