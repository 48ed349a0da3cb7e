package dev.nagare.tensor;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Memory that lasts as long as its owner: parameters, gradients, optimizer and learner state.
 *
 * <p>Tensors are never given back one by one. Not thread-safe: the owner allocates, and closes
 * after every user has stopped. Closed by another thread than the one that last allocated, while
 * that is alive, it is freed at its next allocation, which is refused, or when nothing refers to it
 * any more. Memory that is never closed is a leak: see {@link Leaks}.
 */
public final class ProcessMemory extends Memory implements AutoCloseable {
  private static final long CHUNK = 1 << 18;

  private final String owner;
  private final OwnedArena arena = new OwnedArena();
  private final Leaks.@Nullable Opening opening;
  private MemorySegment chunk = MemorySegment.NULL;
  private long position;
  private long bytes;

  /**
   * Creates empty memory.
   *
   * @param owner named in errors, such as {@code learner pulse}
   */
  public ProcessMemory(String owner) {
    this.owner = owner;
    this.opening = Leaks.opened(this, "process memory", owner);
  }

  @Override
  MemorySegment take(long wanted) {
    if (!arena.enter()) {
      invalidate();
      throw new TensorException(TensorException.Kind.CLOSED, owner + ": closed");
    }
    long size = aligned(wanted);
    if (chunk.byteSize() - position < size) {
      chunk = arena.allocate(Math.max(size, CHUNK));
      bytes += chunk.byteSize();
      position = 0;
    }
    MemorySegment taken = chunk.asSlice(position, wanted);
    position += size;
    return taken;
  }

  @Override
  boolean isFresh() {
    return true; // nothing is given back before all is
  }

  /**
   * Makes the calling thread the owner, for whoever has come by the memory after the one before has
   * let go of it: {@link #close} frees it at once then.
   */
  public void adopt() {
    boolean _ = arena.enter();
  }

  /** Bytes held. */
  public long bytes() {
    return bytes;
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
