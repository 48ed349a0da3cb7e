package dev.nagare.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The native memory behind a {@link Scope} or {@link ProcessMemory}, and when it may be freed.
 *
 * <p>Kernels work on addresses, so memory that is freed under one of them is a crash. Its
 * <em>owner</em> is the thread that last allocated from it. Closed by its owner, or after that
 * thread has ended, it is freed at once. Closed by another thread it is only marked: the owner's
 * next allocation or reset frees it and is refused; should there be none, it is freed when nothing
 * refers to the memory any more.
 */
final class OwnedArena implements Runnable {
  private Arena arena = Arena.ofShared();
  // Owner before closed on one side, closed before owner on the other: one of them sees the other.
  private volatile Thread owner = Thread.currentThread();
  private volatile boolean closed;
  private boolean freed;

  /** Whether the calling thread, the owner from now on, may go on; if not, the bytes are freed. */
  boolean enter() {
    Thread current = Thread.currentThread();
    if (owner != current) {
      owner = current;
    }
    if (closed) {
      run();
      return false;
    }
    return true;
  }

  MemorySegment allocate(long bytes) {
    return Memory.allocate(arena, bytes);
  }

  /** One piece of memory instead of all there is. */
  @SuppressWarnings("MustBeClosedChecker") // the field holds it until it is freed
  synchronized MemorySegment replace(long bytes) {
    Arena larger = Arena.ofShared();
    MemorySegment one = Memory.allocate(larger, bytes);
    arena.close();
    arena = larger;
    return one;
  }

  /**
   * Ends the memory.
   *
   * @param memory that this belongs to
   * @return whether the bytes are freed already
   */
  boolean close(Memory memory) {
    boolean first = !closed;
    closed = true;
    Thread last = owner;
    if (last == Thread.currentThread() || !last.isAlive()) {
      run();
    } else if (first) {
      Leaks.Collector.CLEANER.register(memory, this);
    }
    return isFreed();
  }

  boolean isClosed() {
    return closed;
  }

  synchronized boolean isFreed() {
    return freed;
  }

  /** Frees the bytes, once. */
  @Override
  public synchronized void run() {
    if (!freed) {
      freed = true;
      arena.close();
    }
  }
}
