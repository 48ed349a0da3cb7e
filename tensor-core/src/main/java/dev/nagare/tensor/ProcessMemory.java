package dev.nagare.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory that lasts as long as its owner: parameters, gradients, optimizer and learner state.
 *
 * <p>Tensors are never given back one by one. Not thread-safe: the owner allocates, and closes
 * after every user has stopped.
 */
public final class ProcessMemory extends Memory implements AutoCloseable {
  private static final long CHUNK = 1 << 18;

  private final String owner;
  private final Arena arena = Arena.ofShared();
  private MemorySegment chunk = MemorySegment.NULL;
  private long position;
  private long bytes;
  private boolean closed;

  /**
   * Creates empty memory.
   *
   * @param owner named in errors, such as {@code learner pulse}
   */
  public ProcessMemory(String owner) {
    this.owner = owner;
  }

  @Override
  MemorySegment take(long wanted) {
    if (closed) {
      throw new TensorException(TensorException.Kind.CLOSED, owner + ": closed");
    }
    long size = aligned(wanted);
    if (chunk.byteSize() - position < size) {
      chunk = arena.allocate(Math.max(size, CHUNK), ALIGNMENT);
      bytes += chunk.byteSize();
      position = 0;
    }
    MemorySegment taken = chunk.asSlice(position, wanted);
    position += size;
    return taken;
  }

  /** Bytes held. */
  public long bytes() {
    return bytes;
  }

  @Override
  String describe() {
    return owner + " was closed";
  }

  /** Frees the memory; every tensor of it becomes invalid. A second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      invalidate();
      arena.close();
    }
  }
}
