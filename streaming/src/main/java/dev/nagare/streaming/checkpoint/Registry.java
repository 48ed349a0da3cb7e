package dev.nagare.streaming.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.kafka.LogReader;
import dev.nagare.streaming.kafka.RecordBatch;
import dev.nagare.streaming.kafka.TransactionalWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topics that checkpoints live in: {@value #REGISTRY} says, for each model, which are the last
 * three; {@value #SNAPSHOTS} has their blobs in chunks. The registry is the truth; whatever it does
 * not name does not exist.
 *
 * <p>Safe for any thread. A writer must have been fenced before the registry is read, or a
 * predecessor may write after it.
 *
 * @param cluster where the topics are
 */
public record Registry(KafkaCluster cluster) {
  /** Compacted; key: the model's name, value: see {@link RegistryEntry}. */
  public static final String REGISTRY = "nagare.registry";

  /** Compacted; key: {@code <checkpoint>/<index>}, value: bytes. */
  public static final String SNAPSHOTS = "nagare.snapshots";

  /** Well below the usual limit of 1 MiB a record. */
  static final int CHUNK_BYTES = 512 << 10;

  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Logger LOG = LoggerFactory.getLogger(Registry.class);

  /** What the registry says of a model now. */
  public RegistryEntry read(String model) {
    RegistryEntry entry = RegistryEntry.none(model);
    try (LogReader log = cluster.log(REGISTRY)) {
      long end = log.end();
      while (log.position() < end) {
        Optional<RecordBatch> batch = log.poll(POLL);
        for (int i = 0; batch.isPresent() && i < batch.get().size(); i++) {
          if (isOf(model, batch.get().key(i))) {
            entry = entry(model, batch.get().value(i));
          }
        }
      }
    }
    return entry;
  }

  /**
   * Tells of every entry, those of before first, until somebody wakes the reader up.
   *
   * @param log of {@link #REGISTRY}
   */
  public static void follow(LogReader log, Consumer<RegistryEntry> told) {
    while (!log.isWoken()) {
      Optional<RecordBatch> batch = log.poll(POLL);
      for (int i = 0; batch.isPresent() && i < batch.get().size(); i++) {
        byte[] key = batch.get().key(i);
        if (key != null) {
          told.accept(entry(new String(key, UTF_8), batch.get().value(i)));
        }
      }
    }
  }

  private static boolean isOf(String model, byte @Nullable [] key) {
    return Arrays.equals(model.getBytes(UTF_8), key);
  }

  private static RegistryEntry entry(String model, byte @Nullable [] value) {
    if (value == null) {
      return RegistryEntry.none(model); // a tombstone: somebody made it forget the model
    }
    try {
      return RegistryJson.read(value);
    } catch (IOException e) {
      throw new IllegalStateException(
          REGISTRY
              + " has a record of "
              + model
              + " that cannot be read ("
              + e.getMessage()
              + "); restore the topic, or give the model another name to learn afresh",
          e);
    }
  }

  /**
   * The chunks that a writer left behind when it died between upload and commit: no registry record
   * ever named them.
   *
   * @param entry what the registry says of the model
   * @return their keys
   */
  public Set<String> orphans(RegistryEntry entry) {
    // All that came after the newest checkpoint's own upload: the one before it cleaned up.
    long from = entry.checkpoints().isEmpty() ? 0 : entry.checkpoints().getFirst().chunkOffset();
    Set<String> orphans = new LinkedHashSet<>();
    try (LogReader log = cluster.log(SNAPSHOTS)) {
      long end = log.end();
      log.seek(Math.clamp(from, log.begin(), end));
      while (log.position() < end) {
        Optional<RecordBatch> batch = log.poll(POLL);
        for (int i = 0; batch.isPresent() && i < batch.get().size(); i++) {
          byte[] bytes = batch.get().key(i);
          String key = bytes == null ? "" : new String(bytes, UTF_8);
          if (batch.get().value(i) == null) {
            orphans.remove(key);
          } else if (isOrphan(key, entry)) {
            orphans.add(key);
          }
        }
      }
    }
    return orphans;
  }

  private static boolean isOrphan(String key, RegistryEntry entry) {
    String name = key.substring(0, Math.max(0, key.lastIndexOf('/')));
    return !name.isEmpty()
        && entry.checkpoints().stream().noneMatch(known -> known.name().equals(name))
        && CheckpointName.parse(name).model().equals(entry.model());
  }

  /**
   * Sends an entry within the writer's transaction, and tombstones for what nobody needs any more.
   *
   * @param orphans keys of chunks to remove besides those that the new entry no longer has
   */
  public void send(
      TransactionalWriter writer, RegistryEntry before, RegistryEntry now, Set<String> orphans) {
    byte[] key = now.model().getBytes(UTF_8);
    writer.send(REGISTRY, key, RegistryJson.write(now), Map.of());
    for (CheckpointRecord superseded : before.without(now)) {
      for (int i = 0; i < superseded.chunks(); i++) {
        writer.send(SNAPSHOTS, chunkKey(superseded.name(), i), null, Map.of());
      }
    }
    for (String orphan : orphans) {
      writer.send(SNAPSHOTS, orphan.getBytes(UTF_8), null, Map.of());
    }
  }

  /** Number of chunks of a blob. */
  public static int chunks(byte[] blob) {
    return Math.ceilDiv(blob.length, CHUNK_BYTES);
  }

  /** A chunk's key. */
  static byte[] chunkKey(String name, int index) {
    return (name + "/" + index).getBytes(UTF_8);
  }

  /** A chunk's bytes. */
  public static byte[] chunk(byte[] blob, int index) {
    int from = index * CHUNK_BYTES;
    return Arrays.copyOfRange(blob, from, Math.min(blob.length, from + CHUNK_BYTES));
  }

  /**
   * Sends one chunk within the writer's transaction.
   *
   * @return its offset
   */
  public long sendChunk(TransactionalWriter writer, String name, int index, byte[] blob)
      throws InterruptedException {
    return writer.sendAndWait(SNAPSHOTS, chunkKey(name, index), chunk(blob, index));
  }

  /** The blob of a checkpoint; empty if the topic does not have it whole, with the right hash. */
  public Optional<byte[]> fetch(CheckpointRecord wanted) {
    byte[] blob = new byte[Math.toIntExact(wanted.bytes())];
    int next = 0;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try (LogReader log = cluster.log(SNAPSHOTS)) {
      long end = log.end();
      log.seek(Math.clamp(wanted.chunkOffset(), log.begin(), end));
      while (next < wanted.chunks() && log.position() < end && System.nanoTime() < deadline) {
        Optional<RecordBatch> batch = log.poll(POLL);
        for (int i = 0; batch.isPresent() && i < batch.get().size(); i++) {
          byte[] value = batch.get().value(i);
          if (next < wanted.chunks()
              && value != null
              && next * CHUNK_BYTES + value.length <= blob.length
              && Arrays.equals(batch.get().key(i), chunkKey(wanted.name(), next))) {
            System.arraycopy(value, 0, blob, next * CHUNK_BYTES, value.length);
            next++;
          }
        }
      }
    }
    if (next == wanted.chunks() && Sha256.hex(Sha256.of(blob)).equals(wanted.sha256())) {
      return Optional.of(blob);
    }
    LOG.warn("{} has no whole copy of checkpoint {}", SNAPSHOTS, wanted.name());
    return Optional.empty();
  }
}
