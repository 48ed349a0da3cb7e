package dev.nagare.streaming.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.Refusal;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.checkpoint.Checkpoint;
import dev.nagare.streaming.checkpoint.RegistryEntry;
import dev.nagare.streaming.codec.RefusedRecordException;
import dev.nagare.streaming.kafka.KafkaCluster;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * A record in the learner's input that takes the model back to an earlier checkpoint. It goes
 * through the log like everything that changes a model, and so does what it goes back to: a replay
 * comes to the same bits whatever has become of checkpoints meanwhile.
 *
 * <p>Its value is that of a registry record, with the one checkpoint that is meant, and with the
 * place of its parts: {@code "snapshot": {"id": …, "first_offset": …}}.
 *
 * @param target what to go back to
 * @param parts where it is in the log
 */
record RollBack(CheckpointRecord target, SnapshotParts parts) {
  /** The header of records that are neither rows nor questions. */
  static final String CONTROL = "nagare-control";

  private static final String KIND = "roll-back";
  private static final String SNAPSHOT = "snapshot";

  /** What an array holds, in chunks as checkpoints have them. */
  private static final int MOST_BYTES = Integer.MAX_VALUE - 64;

  private static final int MOST_PARTS = 1 << 12;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The headers of such a record. */
  static Map<String, String> headers(String call) {
    return Map.of(CONTROL, KIND, LearnCalls.HEADER, call);
  }

  /** Its value. */
  byte[] value(String model) {
    try {
      var root = (ObjectNode) JSON.readTree(new RegistryEntry(model, List.of(target)).toJson());
      root.putObject(SNAPSHOT).put("id", parts.id()).put("first_offset", parts.firstOffset());
      return JSON.writeValueAsBytes(root);
    } catch (IOException e) {
      throw new AssertionError(e); // a tree of texts and numbers
    }
  }

  /**
   * Reads a record that has the header.
   *
   * @param kind the header's text, none of parts
   * @throws RefusedRecordException if it is of another kind or model, or not readable
   */
  static RollBack read(String kind, byte[] value, String model) {
    if (!kind.equals(KIND)) {
      throw malformed("header " + CONTROL + ": expected " + KIND + ", got " + kind);
    }
    try {
      RegistryEntry entry = RegistryEntry.parse(value);
      if (!entry.model().equals(model)) {
        throw new RefusedRecordException(
            Refusal.UNKNOWN_MODEL, "roll-back: expected model " + model + ", got " + entry.model());
      }
      JsonNode parts = JSON.readTree(value).path(SNAPSHOT);
      if (entry.checkpoints().size() != 1
          || !parts.path("id").isTextual()
          || !parts.path("first_offset").isIntegralNumber()) {
        throw malformed("roll-back: expected one checkpoint, and where its snapshot is in the log");
      }
      CheckpointRecord target = entry.checkpoints().getFirst();
      if (target.chunks() < 1 || target.chunks() > MOST_PARTS || target.bytes() > MOST_BYTES) {
        throw malformed(
            "roll-back: expected up to "
                + MOST_PARTS
                + " chunks of up to "
                + MOST_BYTES
                + " bytes in all, got "
                + target.chunks()
                + " of "
                + target.bytes());
      }
      return new RollBack(
          target, new SnapshotParts(parts.get("id").asText(), parts.get("first_offset").asLong()));
    } catch (IOException e) {
      throw malformed("roll-back: " + e.getMessage());
    }
  }

  private static RefusedRecordException malformed(String message) {
    return new RefusedRecordException(Refusal.MALFORMED, message);
  }

  /**
   * What the record goes back to. What comes of it depends on the log alone.
   *
   * @param offset of the record
   * @param ending looked at again and again
   * @return empty if the end was asked for
   * @throws RefusedRecordException if it cannot be gone back to
   * @throws dev.nagare.streaming.kafka.LostRecordsException if retention has taken it
   */
  Optional<Checkpoint> snapshot(
      KafkaCluster cluster, LearnedModel config, long offset, BooleanSupplier ending) {
    Optional<byte[]> blob = parts.read(cluster, config.topic(), target, offset, ending);
    if (blob.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Checkpoint.read(blob.get()));
    } catch (IOException e) {
      throw malformed("roll-back: " + target.name() + ": " + e.getMessage());
    }
  }
}
