package dev.nagare.server.replay;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.cli.ProgressBar;
import dev.nagare.server.cli.ServerClient;
import java.util.concurrent.locks.LockSupport;

/** Waits until a running server's model has seen all records up to an offset. */
final class LearningWait {
  private static final long LOOK_NANOS = 200_000_000;
  private static final long PATIENCE_NANOS = 30_000_000_000L;

  private final ServerClient server;
  private final String model;
  private final String topic;
  private final ProgressBar bar;

  LearningWait(ServerClient server, String model, String topic, ProgressBar bar) {
    this.server = server;
    this.model = model;
    this.topic = topic;
    this.bar = bar;
  }

  /**
   * The model's status when it is there.
   *
   * @throws CommandException if the model reads another topic, or stands still before the offset
   */
  JsonNode until(long offset) throws InterruptedException {
    JsonNode status = ask();
    if (!status.path("lineage_topic").asText().equals(topic)) {
      throw new CommandException(
          ExitCode.USAGE,
          "model %s learns from %s, not from %s"
              .formatted(model, status.path("lineage_topic").asText(), topic));
    }
    long first = seen(status);
    long before = first;
    long moved = System.nanoTime();
    while (seen(status) <= offset) {
      long now = seen(status);
      if (now > before) {
        before = now;
        moved = System.nanoTime();
      } else if (System.nanoTime() - moved > PATIENCE_NANOS) {
        throw new CommandException(
            ExitCode.FAILURE,
            "model %s has stood at offset %d of %s for 30 s, offset %d is the last one fed%s"
                .formatted(model, now, topic, offset, reason(status)));
      }
      bar.show(
          (double) (now - first) / Math.max(1, offset + 1 - first),
          "learning " + model + ", " + (offset + 1 - now) + " records to go");
      LockSupport.parkNanos(this, LOOK_NANOS);
      status = ask();
    }
    return status;
  }

  private JsonNode ask() throws InterruptedException {
    return server.get(ServerClient.model(model) + "/status");
  }

  /** The offset after the last record that the model has surely seen. */
  private static long seen(JsonNode status) {
    JsonNode scores = status.path("scores");
    return Math.max(
        status.path("lineage_offset").asLong(),
        scores.isObject() ? scores.path("offset").asLong() + 1 : 0);
  }

  private static String reason(JsonNode status) {
    if (status.path("degraded").isTextual()) {
      return ": " + status.path("degraded").asText();
    }
    return status.path("learning").asBoolean()
        ? "; the last records may have been refused, which its dead-letter topic would show"
        : ": this server is not its learner, name the one that is with --url";
  }
}
