package dev.nagare.server.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.Doors;
import dev.nagare.server.config.SecurityConfig;
import dev.nagare.streaming.Caller;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events and labels by WebSocket: what the calls of HTTP do. */
class TeachingFramesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String EVENT =
      "{\"id\":\"e\", \"inputs\":[{\"name\":\"row\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[0.25,7]}]}";
  private static final String LABEL = "{\"id\":\"echo.predictions-0-7\",\"label\":1}";

  @TempDir private Path folder;
  private final Doors doors = Doors.open();

  @AfterEach
  void close() {
    doors.close();
  }

  @Test
  void anEventIsLearnedAsByHttp() throws Exception {
    try (var client = new StreamClient(doors, null)) {
      client.send("{\"type\":\"learn\",\"id\":\"1\",\"model\":\"echo\",\"request\":" + EVENT + "}");
      JsonNode learned = client.next();
      assertThat(learned.get("type").asText()).isEqualTo("learned");
      assertThat(learned.get("model").asText()).isEqualTo("echo");
      assertThat(learned.get("id").asText()).isEqualTo("1");
      assertThat(learned.at("/response/parameters/receipt").asText())
          .isEqualTo("echo.requests-0-1");
      JsonNode byHttp = JSON.readTree(doors.post("/v2/models/echo/learn", EVENT).body());
      assertThat(byHttp.at("/parameters/receipt").asText()).isEqualTo("echo.requests-0-2");
      assertThat(byHttp.get("model_version")).isEqualTo(learned.at("/response/model_version"));
      assertThat(doors.echo.taught()).containsExactly(EVENT, EVENT);
    }
  }

  @Test
  void aLabelGetsItsReceiptAsByHttp() throws Exception {
    try (var client = new StreamClient(doors, null)) {
      client.send("{\"type\":\"label\",\"id\":\"2\",\"model\":\"echo\",\"request\":" + LABEL + "}");
      JsonNode labelled = client.next();
      assertThat(labelled.get("type").asText()).isEqualTo("labelled");
      assertThat(labelled.get("id").asText()).isEqualTo("2");
      assertThat(labelled.get("response"))
          .isEqualTo(JSON.readTree(doors.post("/v2/models/echo/labels", LABEL).body()));
      assertThat(doors.echo.taught()).containsExactly(LABEL, LABEL);
    }
  }

  @Test
  void refusalsHaveTheStatusThatHttpWouldGive() {
    try (var client = new StreamClient(doors, null)) {
      client.refused("{'type':'learn','model':'pulse','request':{}}", 501, "does not learn");
      client.refused("{'type':'label','model':'pulse','request':{}}", 501, "does not learn");
      client.refused("{'type':'learn','model':'pluse','request':{}}", 404, "served: pulse");
      client.refused("{'type':'learn','model':'echo'}", 400, "input 'row'");
      client.refused("{'type':'label','request':{}}", 400, "'id'");
      client.refused("{'type':'label','model':'echo','request':[]}", 400, "an object as 'request'");
      doors.serving.drain();
      client.refused("{'type':'learn','model':'echo','request':{}}", 503, "stopping");
      client.refused("{'type':'label','model':'echo','request':{}}", 503, "stopping");
      assertThat(doors.echo.taught()).isEmpty();
    }
  }

  @Test
  void whoMayOnlyAskDoesNotTeach() throws Exception {
    Path tokens =
        Files.writeString(
            folder.resolve("tokens"),
            "asker infer sha256:" + hash("a") + "\nteacher infer,learn sha256:" + hash("t") + "\n");
    try (var guarded =
        new Doors(Set.of(), Set.of(), 0, new SecurityConfig(null, tokens, null, Set.of(), null))) {
      guarded.openModels();
      try (var asker = new StreamClient(guarded, null, "Authorization", "Bearer a");
          var teacher = new StreamClient(guarded, null, "Authorization", "Bearer t")) {
        asker.refused(
            "{'type':'learn','model':'echo','request':{}}", 403, "that of asker lacks it");
        asker.refused("{'type':'label','model':'echo','request':{}}", 403, "scope learn");
        assertThat(guarded.echo.taught()).isEmpty();
        teacher.say("{'type':'learn','model':'echo','request':{}}");
        teacher.next("learned");
        teacher.say("{'type':'label','model':'echo','request':{}}");
        teacher.next("labelled");
        assertThat(guarded.echo.labelling()).isEqualTo(new Caller("teacher", false));
      }
    }
  }

  private static String hash(String token) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8)));
  }
}
