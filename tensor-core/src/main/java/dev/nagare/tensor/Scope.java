package dev.nagare.tensor;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Memory of one inference call or training step: a bump arena that is reset at its end.
 *
 * <p>It grows while the first calls show how much they need; from then on a call allocates nothing.
 * Not thread-safe: one thread works with a scope at a time.
 *
 * <p>Any thread may close it, at any time. Closed by the thread that works with it, or after that
 * has ended, it is freed at once. Closed by another, it serves the one that works with it until its
 * next allocation or reset, which is refused; the bytes are freed then, or when nothing refers to
 * the scope any more. A scope that is never closed is a leak: see {@link Leaks}.
 */
public final class Scope extends Memory implements AutoCloseable {
  private final List<MemorySegment> chunks = new ArrayList<>();
  private final OwnedArena arena = new OwnedArena();
  private final Leaks.@Nullable Opening opening;
  private int chunk;
  private long position;
  private long used;
  private long peak;

  /** Creates a scope that holds this many bytes before it has to grow. */
  public Scope(long bytes) {
    chunks.add(arena.allocate(aligned(bytes)));
    opening = Leaks.opened(this, "memory", "scope");
  }

  @Override
  MemorySegment take(long bytes) {
    enter();
    long size = aligned(bytes);
    MemorySegment current = chunks.get(chunk);
    while (current.byteSize() - position < size) {
      if (chunk + 1 == chunks.size()) {
        chunks.add(arena.allocate(Math.max(size, 2 * current.byteSize())));
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
  public void reset() {
    enter();
    invalidate();
    if (chunks.size() > 1) {
      // One chunk that holds the largest call so far: the next ones need no search.
      MemorySegment one = arena.replace(aligned(peak + peak / 4));
      chunks.clear();
      chunks.add(one);
    }
    chunk = 0;
    position = 0;
    used = 0;
  }

  private void enter() {
    if (!arena.enter()) {
      invalidate();
      throw new TensorException(TensorException.Kind.CLOSED, "scope: closed");
    }
  }

  /** Bytes held, used or not. */
  public long capacityBytes() {
    return chunks.stream().mapToLong(MemorySegment::byteSize).sum();
  }

  @Override
  String describe() {
    return arena.isClosed()
        ? "its scope was closed"
        : "its scope was reset; keep() what must outlive a call or step";
  }

  /** Ends the scope; every tensor of it becomes invalid. A second call does nothing. */
  @Override
  public void close() {
    if (opening != null) {
      opening.close();
    }
    if (arena.close(this)) {
      invalidate();
    }
  }

  /** What holds the bytes. */
  OwnedArena arena() {
    return arena;
  }
}
