package dev.nagare.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory for what a kernel needs in another form while it runs.
 *
 * <p>Kept by a thread as long as it lives, and never closed: what it holds goes when nothing refers
 * to it any more. It is as large as the largest call so far. Not thread-safe.
 */
public final class ThreadMemory extends Memory {
  private MemorySegment chunk = MemorySegment.NULL;
  private long position;

  /** Creates empty memory. */
  public ThreadMemory() {}

  @Override
  MemorySegment take(long bytes) {
    long size = aligned(bytes);
    if (chunk.byteSize() - position < size) {
      // Tensors of this call hold the chunk that they lie in.
      chunk = allocate(Arena.ofAuto(), Math.max(size, 2 * chunk.byteSize()));
      position = 0;
    }
    MemorySegment taken = chunk.asSlice(position, bytes);
    position += size;
    return taken;
  }

  /** Ends a call: every tensor of this memory becomes invalid, the bytes are used again. */
  public void reset() {
    invalidate();
    position = 0;
  }

  @Override
  String describe() {
    return "the kernel that it served has returned";
  }
}
