package dev.nagare.loadtest.drill.verify;

import dev.nagare.loadtest.drill.verify.RegistryEntry.Checkpoint;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checkpoints put together again from the raw chunks of the snapshots topic. */
final class Blobs {
  private static final int MOST_CHUNK_BYTES = 512 << 10;

  private final Map<Long, RawRecord> byOffset = new HashMap<>();
  private final Map<String, RawRecord> lastByKey = new HashMap<>();

  Blobs(List<RawRecord> snapshots) {
    for (RawRecord record : snapshots) {
      byOffset.put(record.offset(), record);
      if (record.key() != null) {
        lastByKey.put(record.key(), record);
      }
    }
  }

  /**
   * That each of the newest entry's checkpoints is there, byte for byte, and what it replaced is
   * gone.
   */
  void check(List<RegistryEntry> registry, Faults faults) {
    Set<String> kept = new HashSet<>();
    for (Checkpoint checkpoint : registry.getLast().checkpoints()) {
      kept.add(checkpoint.name());
      check(checkpoint, faults);
    }
    Set<String> superseded = new HashSet<>();
    for (RegistryEntry entry : registry) {
      for (Checkpoint old : entry.checkpoints()) {
        for (int i = 0; i < old.chunks() && !kept.contains(old.name()); i++) {
          RawRecord last = lastByKey.get(old.name() + "/" + i);
          if (last != null && last.value() != null) {
            superseded.add(old.name());
          }
        }
      }
    }
    faults.addAll(
        "superseded checkpoints without a tombstone", superseded.stream().sorted().toList());
  }

  private void check(Checkpoint checkpoint, Faults faults) {
    MessageDigest sha256 = Sha256.digest();
    long bytes = 0;
    long offset = checkpoint.chunkOffset();
    for (int i = 0; i < checkpoint.chunks(); i++) {
      RawRecord chunk = byOffset.get(offset++);
      byte[] value = chunk == null ? null : chunk.value();
      if (chunk == null || value == null || !(checkpoint.name() + "/" + i).equals(chunk.key())) {
        faults.add(
            "chunk "
                + i
                + " of "
                + checkpoint.name()
                + " is not in nagare.snapshots at offset "
                + (offset - 1));
        return;
      }
      if (value.length > MOST_CHUNK_BYTES) {
        faults.add(
            "chunk "
                + chunk.key()
                + " has "
                + value.length
                + " bytes, more than "
                + MOST_CHUNK_BYTES);
      }
      sha256.update(value);
      bytes += value.length;
    }
    faults.unlessEqual("bytes of " + checkpoint.name(), checkpoint.bytes(), bytes);
    faults.unlessEqual(
        "SHA-256 of " + checkpoint.name() + " in nagare.snapshots",
        checkpoint.sha256(),
        HexFormat.of().formatHex(sha256.digest()));
  }
}
