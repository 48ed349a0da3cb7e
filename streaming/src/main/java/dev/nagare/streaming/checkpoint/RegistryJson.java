package dev.nagare.streaming.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.Lineage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The value of a registry record: JSON, for people and for other programs. */
final class RegistryJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RegistryJson() {}

  static byte[] write(RegistryEntry entry) {
    ObjectNode root = JSON.createObjectNode().put("model", entry.model());
    ArrayNode checkpoints = root.putArray("checkpoints");
    for (CheckpointRecord checkpoint : entry.checkpoints()) {
      Lineage lineage = checkpoint.lineage();
      checkpoints
          .addObject()
          .put("name", checkpoint.name())
          .put("step", checkpoint.step())
          .put("sha256", checkpoint.sha256())
          .put("bytes", checkpoint.bytes())
          .put("chunks", checkpoint.chunks())
          .put("chunk_offset", checkpoint.chunkOffset())
          .put("topic", lineage.topic())
          .put("partition", lineage.partition())
          .put("first_offset", lineage.firstOffset())
          .put("next_offset", lineage.nextOffset())
          .put("examples", lineage.examples())
          .put("refused", lineage.refused())
          .put("quarantined", lineage.quarantined())
          .put("records_digest", checkpoint.recordsDigest())
          .put("state_hash", checkpoint.stateHash())
          .put("configuration", checkpoint.configuration())
          .put("kernel_id", checkpoint.kernelId())
          .put("written_at", checkpoint.writtenAt());
    }
    try {
      return JSON.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e); // a tree of texts and numbers
    }
  }

  /**
   * Reads a value.
   *
   * @throws IOException if it is not a registry record
   */
  static RegistryEntry read(byte[] value) throws IOException {
    JsonNode root = JSON.readTree(value);
    List<CheckpointRecord> checkpoints = new ArrayList<>();
    for (JsonNode node : root.path("checkpoints")) {
      var lineage =
          new Lineage(
              text(node, "topic"),
              (int) number(node, "partition"),
              number(node, "first_offset"),
              number(node, "next_offset"),
              number(node, "examples"),
              number(node, "refused"),
              number(node, "quarantined"));
      checkpoints.add(
          new CheckpointRecord(
              text(node, "name"),
              number(node, "step"),
              text(node, "sha256"),
              number(node, "bytes"),
              (int) number(node, "chunks"),
              number(node, "chunk_offset"),
              lineage,
              text(node, "records_digest"),
              text(node, "state_hash"),
              text(node, "configuration"),
              text(node, "kernel_id"),
              text(node, "written_at")));
    }
    return new RegistryEntry(text(root, "model"), List.copyOf(checkpoints));
  }

  private static String text(JsonNode node, String name) throws IOException {
    JsonNode value = node.get(name);
    if (value == null || !value.isTextual()) {
      throw new IOException("registry record: expected a text " + name + ", got " + value);
    }
    return value.textValue();
  }

  private static long number(JsonNode node, String name) throws IOException {
    JsonNode value = node.get(name);
    if (value == null || !value.isIntegralNumber()) {
      throw new IOException("registry record: expected a whole number " + name + ", got " + value);
    }
    return value.longValue();
  }
}
