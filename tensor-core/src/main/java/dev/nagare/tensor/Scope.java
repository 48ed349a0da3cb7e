package dev.nagare.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory of one inference call or training step: a bump arena that is reset at its end.
 *
 * <p>It grows while the first calls show how much they need; from then on a call allocates nothing.
 * Not thread-safe: one thread works with a scope at a time. Another thread may close it only after
 * that one has stopped.
 */
public final class Scope extends Memory implements AutoCloseable {
  private final List<MemorySegment> chunks = new ArrayList<>();
  private Arena arena = Arena.ofShared();
  private int chunk;
  private long position;
  private long used;
  private long peak;
  private boolean closed;

  /** Creates a scope that holds this many bytes before it has to grow. */
  public Scope(long bytes) {
    chunks.add(arena.allocate(aligned(bytes), ALIGNMENT));
  }

  @Override
  MemorySegment take(long bytes) {
    if (closed) {
      throw new TensorException(TensorException.Kind.CLOSED, "scope: closed");
    }
    long size = aligned(bytes);
    MemorySegment current = chunks.get(chunk);
    while (current.byteSize() - position < size) {
      if (chunk + 1 == chunks.size()) {
        chunks.add(arena.allocate(Math.max(size, 2 * current.byteSize()), ALIGNMENT));
      }
      current = chunks.get(++chunk);
      position = 0;
    }
    MemorySegment taken = current.asSlice(position, bytes);
    position += size;
    used += size;
    peak = Math.max(peak, used);
    return taken;
  }

  /**
   * Ends the call or step: every tensor of this scope becomes invalid, the memory is used again.
   */
  @SuppressWarnings("MustBeClosedChecker") // the field holds it until close()
  public void reset() {
    if (closed) {
      throw new TensorException(TensorException.Kind.CLOSED, "scope: closed");
    }
    invalidate();
    if (chunks.size() > 1) {
      // One chunk that holds the largest call so far: the next ones need no search.
      Arena larger = Arena.ofShared();
      MemorySegment one = larger.allocate(aligned(peak + peak / 4), ALIGNMENT);
      arena.close();
      arena = larger;
      chunks.clear();
      chunks.add(one);
    }
    chunk = 0;
    position = 0;
    used = 0;
  }

  /** Bytes held, used or not. */
  public long capacityBytes() {
    return chunks.stream().mapToLong(MemorySegment::byteSize).sum();
  }

  @Override
  String describe() {
    return closed
        ? "its scope was closed"
        : "its scope was reset; keep() what must outlive a call or step";
  }

  /** Frees the memory; every tensor of this scope becomes invalid. A second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      invalidate();
      arena.close();
    }
  }
}
