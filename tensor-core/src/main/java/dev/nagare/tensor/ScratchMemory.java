package dev.nagare.tensor;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Memory that several users share, one after the other, none of which needs its content to last:
 * the scratch of the steps of a plan.
 *
 * <p>{@link #rewind} lets the next user begin at the start again, while the tensors of those before
 * stay valid; so it holds what the most demanding of them takes. One thread at a time; closing is
 * as for {@link ProcessMemory}.
 */
public final class ScratchMemory extends Memory implements AutoCloseable {
  private final String owner;
  private final OwnedArena arena = new OwnedArena();
  private final List<MemorySegment> chunks = new ArrayList<>();
  private final Leaks.@Nullable Opening opening;
  private int chunk;
  private long position;
  private long used;
  private long peak;

  /**
   * Creates memory.
   *
   * @param owner named in errors
   * @param bytes that it holds before it has to grow
   */
  public ScratchMemory(String owner, long bytes) {
    this.owner = owner;
    if (bytes > 0) {
      chunks.add(arena.allocate(aligned(bytes)));
    }
    this.opening = Leaks.opened(this, "scratch memory", owner);
  }

  @Override
  MemorySegment take(long bytes) {
    if (!arena.enter()) {
      invalidate();
      throw new TensorException(TensorException.Kind.CLOSED, owner + ": closed");
    }
    long size = aligned(bytes);
    while (chunk < chunks.size() && chunks.get(chunk).byteSize() - position < size) {
      chunk++;
      position = 0;
    }
    if (chunk == chunks.size()) {
      chunks.add(arena.allocate(size));
    }
    MemorySegment taken = chunks.get(chunk).asSlice(position, bytes);
    position += size;
    used += size;
    peak = Math.max(peak, used);
    return taken;
  }

  /** As {@link ProcessMemory#adopt}. */
  public void adopt() {
    boolean _ = arena.enter();
  }

  /** Lets the next user begin at the start; what was handed out before stays valid. */
  public void rewind() {
    chunk = 0;
    position = 0;
    used = 0;
  }

  /** The most bytes that one user took: what memory for the same users should begin with. */
  public long peakBytes() {
    return peak;
  }

  @Override
  String describe() {
    return owner + " was closed";
  }

  /** Ends the memory; every tensor of it becomes invalid. A second call does nothing. */
  @Override
  public void close() {
    if (opening != null) {
      opening.close();
    }
    if (arena.close(this)) {
      invalidate();
    }
  }
}
