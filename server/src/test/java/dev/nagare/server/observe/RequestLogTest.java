package dev.nagare.server.observe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.streaming.protocol.InferenceResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RequestLogTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(RequestLog.class);
  private final ListAppender<ILoggingEvent> written = new ListAppender<>();

  @BeforeEach
  void listen() {
    written.start();
    logger.setAdditive(false);
    logger.setLevel(Level.INFO);
    logger.addAppender(written);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(written);
    logger.setAdditive(true);
    logger.setLevel(null);
  }

  @Test
  void anAnswersLineHasWhatIsToBeFoundByIt() throws IOException {
    var answer =
        new InferenceResponse(
            "price", "12", "mine", Map.of("prediction_id", "price.predictions-0-4"), List.of());
    new RequestLog(1).write("price", "grpc", 200, 1_500_000, "mine", answer, null);
    JsonNode line = onlyLine();
    assertThat(line.path("message").asText()).isEqualTo("Answered");
    assertThat(line.path("level").asText()).isEqualTo("INFO");
    assertThat(line.path("logger").asText()).endsWith(".RequestLog");
    assertThat(line.path("door").asText()).isEqualTo("grpc");
    assertThat(line.path("model").asText()).isEqualTo("price");
    assertThat(line.path("version").asText()).isEqualTo("12");
    assertThat(line.path("status").asInt()).isEqualTo(200);
    assertThat(line.path("duration_ms").asDouble()).isEqualTo(1.5);
    assertThat(line.path("request_id").asText()).isEqualTo("mine");
    assertThat(line.path("prediction_id").asText()).isEqualTo("price.predictions-0-4");
    assertThat(line.has("trace_id")).isFalse();
  }

  @Test
  void aFailureOfTheServerIsAlwaysWrittenAndARefusalOnlyAsAPart() throws IOException {
    var none = new RequestLog(0);
    assertThat(none.writes(200)).isFalse();
    assertThat(none.writes(429)).isFalse();
    assertThat(none.writes(500)).isTrue();
    assertThat(new RequestLog(1).writes(429)).isTrue();
    none.write("price", "http", 500, 1, null, null, null);
    assertThat(onlyLine().path("level").asText()).isEqualTo("ERROR");
    assertThat(onlyLine().path("message").asText()).isEqualTo("Failed");
  }

  @Test
  void aStackTraceIsAFieldOfItsLine() throws IOException {
    logger.error("no \"luck\"\n", new IllegalStateException("broken"));
    JsonNode line = onlyLine();
    assertThat(line.path("message").asText()).isEqualTo("no \"luck\"\n");
    assertThat(line.path("error").asText())
        .startsWith("java.lang.IllegalStateException: broken")
        .contains("RequestLogTest");
  }

  private JsonNode onlyLine() throws IOException {
    assertThat(written.list).hasSize(1);
    byte[] encoded = new JsonLines().encode(written.list.getFirst());
    assertThat(encoded[encoded.length - 1]).isEqualTo((byte) '\n');
    assertThat(new String(encoded, UTF_8).lines()).hasSize(1);
    return new ObjectMapper().readTree(encoded);
  }
}
