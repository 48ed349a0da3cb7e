package dev.nagare.streaming.checkpoint;

import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.kafka.TransactionalWriter;
import dev.nagare.streaming.rehearsal.CrashPoint;
import dev.nagare.streaming.rehearsal.Rehearsal;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes checkpoints safe, one after the other: the blob on the disk, its chunks in the snapshots
 * topic, and then, in one short transaction with the consumed offset, the registry's record.
 *
 * <p>Only the holder of the latest commit deletes: superseded chunks get their tombstones in the
 * transaction that supersedes them, superseded files go after it. For one thread.
 */
public final class Checkpointer {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpointer.class);

  private final Registry registry;
  private final CheckpointFolder folder;
  private final Rehearsal rehearsal;
  private final String lease;
  private RegistryEntry entry;
  private RegistryEntry usable;

  /** Null until they are looked for: that reads a checkpoint's worth of chunks, and can wait. */
  private @Nullable Set<String> orphans;

  /**
   * Takes over after a predecessor that was fenced.
   *
   * @param entry what the registry says now
   * @param usable the same without checkpoints that are lost: the next record leaves them out
   * @param lease the writer's producer id and epoch
   */
  public Checkpointer(
      Registry registry,
      CheckpointFolder folder,
      Rehearsal rehearsal,
      RegistryEntry entry,
      RegistryEntry usable,
      String lease) {
    this.registry = registry;
    this.folder = folder;
    this.rehearsal = rehearsal;
    this.entry = entry;
    this.usable = usable;
    this.lease = lease;
  }

  /**
   * Writes a checkpoint; on return it is the model's newest.
   *
   * @param kernelId kernels that computed the state
   * @param offset to commit with it: up to where outputs are written, which a replay is behind of
   * @throws IOException if the disk refused it; nothing has changed then
   */
  public CheckpointRecord write(
      Checkpoint image, String kernelId, TransactionalWriter writer, long offset)
      throws IOException, InterruptedException {
    byte[] blob = image.toBytes();
    String name =
        new CheckpointName(entry.model(), image.step(), image.lineage().nextOffset(), lease)
            .toString();
    // Before the upload: what is uploaded next is no orphan, though no record names it yet.
    Set<String> left = orphans == null ? registry.orphans(entry) : orphans;
    orphans = left;
    folder.write(name, blob);
    long chunkOffset = upload(name, blob, writer);
    var record =
        new CheckpointRecord(
            name,
            image.step(),
            Sha256.hex(Sha256.of(blob)),
            blob.length,
            Registry.chunks(blob),
            chunkOffset,
            image.lineage(),
            Sha256.hex(image.recordsDigest()),
            image.stateHash(),
            Sha256.of(image.configuration()),
            kernelId,
            Instant.now().toString());
    RegistryEntry next = usable.with(record);
    writer.begin();
    registry.send(writer, entry, next, left);
    writer.sendOffset(image.lineage().topic(), offset);
    writer.flush();
    rehearsal.reached(CrashPoint.BEFORE_COMMIT);
    writer.commit();
    rehearsal.reached(CrashPoint.AFTER_COMMIT);
    entry = next;
    usable = next;
    orphans = Set.of();
    deleteSuperseded();
    return record;
  }

  private void deleteSuperseded() {
    Set<String> kept = new HashSet<>();
    entry.checkpoints().forEach(checkpoint -> kept.add(checkpoint.name()));
    try {
      folder.retain(kept);
    } catch (IOException e) { // the checkpoint is safe all the same; the next one tries again
      LOG.warn("superseded checkpoints stay in {}", folder.path(), e);
    }
  }

  private long upload(String name, byte[] blob, TransactionalWriter writer)
      throws InterruptedException {
    rehearsal.reached(CrashPoint.BEFORE_UPLOAD);
    writer.begin();
    long first = registry.sendChunk(writer, name, 0, blob);
    rehearsal.reached(CrashPoint.MID_UPLOAD);
    for (int i = 1; i < Registry.chunks(blob); i++) {
      registry.sendChunk(writer, name, i, blob);
    }
    writer.commit();
    rehearsal.reached(CrashPoint.AFTER_UPLOAD);
    return first;
  }
}
