package dev.nagare.streaming.learn;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nagare.models.online.StepReport;
import dev.nagare.streaming.Refusal;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.StreamingObserver;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What the dead-letter topic is told: the record as it was, where it was, and why it was refused;
 * or which records a guard took back. Safe for any thread.
 */
final class DeadLetters {
  /** Kafka's usual limit is 1 MiB a record, headers included. */
  private static final int LARGEST = 1_000_000;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final LearnedModel config;
  private final StreamingObserver told;
  private final AtomicLong count = new AtomicLong();

  DeadLetters(LearnedModel config, StreamingObserver told) {
    this.config = config;
    this.told = told;
  }

  static String topic(LearnedModel config) {
    return config.name() + ".dead-letter";
  }

  /** Letters since the start of the process. */
  long count() {
    return count.get();
  }

  /** For a record that teaches nothing. */
  Output.Letter of(byte @Nullable [] value, long offset, Refusal refusal, String reason) {
    Map<String, String> headers = headers(offset, refusal, reason);
    byte[] kept = value;
    if (value != null && value.length > LARGEST) {
      kept = Arrays.copyOf(value, LARGEST);
      headers.put("truncated-from-bytes", Integer.toString(value.length));
    }
    return new Output.Letter(topic(config), null, kept, headers, null);
  }

  /**
   * For a batch whose step was taken back. Its value names the records' offsets, since a batch is
   * more than one of them.
   */
  Output.Letter quarantine(StepReport report, long offset) {
    String guard = Objects.requireNonNull(report.guard()).reason();
    ObjectNode batch = JSON.createObjectNode();
    batch.put("topic", config.topic()).put("partition", 0).put("guard", guard);
    ArrayNode offsets = batch.putArray("offsets");
    for (int i = 0; i < report.quarantined(); i++) {
      offsets.add(report.quarantinedPositions()[i]);
    }
    batch.put("model_version", Long.toString(report.version()));
    byte[] value = batch.toString().getBytes(UTF_8);
    return new Output.Letter(
        topic(config), null, value, headers(offset, Refusal.QUARANTINED, guard), null);
  }

  private Map<String, String> headers(long offset, Refusal refusal, String reason) {
    count.incrementAndGet();
    told.deadLetter(config.name(), refusal);
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("topic", config.topic());
    headers.put("partition", "0");
    headers.put("offset", Long.toString(offset));
    headers.put("kind", refusal.label());
    headers.put("reason", reason);
    return headers;
  }
}
