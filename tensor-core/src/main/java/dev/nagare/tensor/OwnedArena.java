package dev.nagare.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The native memory behind a {@link Scope} or {@link ProcessMemory}, and when it may be freed.
 *
 * <p>Kernels work on addresses, so memory that is freed under one of them is a crash. Its
 * <em>owner</em> is the thread that last allocated from it. Closed by its owner, or after that
 * thread has ended, it is freed at once. Closed by another thread it is only marked: the owner's
 * next allocation or reset frees it and is refused; should there be none, it is freed when nothing
 * refers to the memory any more.
 *
 * <p>Where nothing was allocated there is nothing to free, and nobody notices: to end an arena of
 * the JVM's stops each of its threads for a moment, and whoever computes goes on in the interpreter
 * until its kernel ends.
 */
final class OwnedArena implements Runnable {
  private @Nullable Arena arena; // guarded by this
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
    return Memory.allocate(arena(), bytes);
  }

  @SuppressWarnings("MustBeClosedChecker") // the field holds it until it is freed
  private synchronized Arena arena() {
    Arena there = arena;
    if (there == null) {
      if (freed) {
        throw new IllegalStateException("memory: freed already");
      }
      there = Arena.ofShared();
      arena = there;
    }
    return there;
  }

  /** One piece of memory instead of all there is. */
  @SuppressWarnings("MustBeClosedChecker") // the field holds it until it is freed
  synchronized MemorySegment replace(long bytes) {
    Arena larger = Arena.ofShared();
    MemorySegment one = Memory.allocate(larger, bytes);
    Arena before = arena;
    arena = larger;
    if (before != null) {
      before.close();
    }
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
      Arena there = arena;
      if (there != null) {
        there.close();
      }
    }
  }
}
