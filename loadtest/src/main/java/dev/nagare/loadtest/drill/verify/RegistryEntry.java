package dev.nagare.loadtest.drill.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One record of the registry topic.
 *
 * @param offset of the record there
 * @param rehearsed whether a drill wrote it, not a learner
 * @param checkpoints newest first
 */
public record RegistryEntry(long offset, boolean rehearsed, List<Checkpoint> checkpoints) {
  /** The header of registry records that a drill writes. */
  public static final String REHEARSED = "rehearsed";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** What the registry says of a checkpoint. */
  public record Checkpoint(
      String name,
      long step,
      String sha256,
      long bytes,
      int chunks,
      long chunkOffset,
      String topic,
      long firstOffset,
      long nextOffset,
      long examples,
      long refused,
      long quarantined,
      String recordsDigest,
      String stateHash) {}

  /** The newest checkpoint. */
  public Checkpoint newest() {
    return checkpoints.getFirst();
  }

  /** All entries of a model that are committed now, oldest first. */
  public static List<RegistryEntry> read(String bootstrap, String model) throws IOException {
    List<RegistryEntry> entries = new ArrayList<>();
    for (RawRecord record : RawTopic.read(bootstrap, "nagare.registry")) {
      byte[] value = record.value();
      if (model.equals(record.key()) && value != null) {
        entries.add(parse(record, JSON.readTree(value)));
      }
    }
    return entries;
  }

  private static RegistryEntry parse(RawRecord record, JsonNode json) throws IOException {
    List<Checkpoint> checkpoints = new ArrayList<>();
    for (JsonNode each : json.path("checkpoints")) {
      checkpoints.add(
          new Checkpoint(
              text(each, "name"),
              number(each, "step"),
              text(each, "sha256"),
              number(each, "bytes"),
              (int) number(each, "chunks"),
              number(each, "chunk_offset"),
              text(each, "topic"),
              number(each, "first_offset"),
              number(each, "next_offset"),
              number(each, "examples"),
              number(each, "refused"),
              number(each, "quarantined"),
              text(each, "records_digest"),
              text(each, "state_hash")));
    }
    if (checkpoints.isEmpty()) {
      throw new IOException("registry record " + record.offset() + " has no checkpoints: " + json);
    }
    return new RegistryEntry(
        record.offset(), record.headers().containsKey(REHEARSED), List.copyOf(checkpoints));
  }

  private static String text(JsonNode of, String name) throws IOException {
    JsonNode value = of.path(name);
    if (!value.isTextual()) {
      throw new IOException("registry: expected a text " + name + ", got " + of);
    }
    return value.textValue();
  }

  private static long number(JsonNode of, String name) throws IOException {
    JsonNode value = of.path(name);
    if (!value.isIntegralNumber()) {
      throw new IOException("registry: expected a whole number " + name + ", got " + of);
    }
    return value.longValue();
  }
}
