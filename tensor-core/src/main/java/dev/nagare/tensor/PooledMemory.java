package dev.nagare.tensor;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A block of a {@link MemoryPool}, counted: it goes back to the pool with the last lease.
 *
 * <p>Ended once is ended for ever: the bytes are used again, this object is not. Who comes late
 * with a reference to it is refused, however many have opened the same bytes since.
 *
 * <p>Whoever opened it has one lease. Any thread that holds a lease may read the block's tensors
 * and take or give further leases; only the one that opened it allocates, before it shares the
 * block. A lease that is never given back is a leak: see {@link Leaks}.
 */
public final class PooledMemory extends Memory {
  private final MemoryPool pool;
  private final MemorySegment block;
  private final ConcurrentLinkedQueue<MemorySegment> home;
  private final AtomicInteger leases = new AtomicInteger(1);
  private final Leaks.@Nullable Opening opening;
  private long position;

  PooledMemory(MemoryPool pool, MemorySegment block, ConcurrentLinkedQueue<MemorySegment> home) {
    this.pool = pool;
    this.block = block;
    this.home = home;
    this.opening = Leaks.opened(this, "lease of the pool", pool.name());
  }

  long size() {
    return block.byteSize();
  }

  @Override
  MemorySegment take(long bytes) {
    if (leases.get() == 0) {
      throw new TensorException(TensorException.Kind.CLOSED, pool.name() + ": block given back");
    }
    if (block.byteSize() - position < aligned(bytes)) {
      throw new TensorException(
          TensorException.Kind.OUT_OF_BUDGET,
          pool.name() + ": block of " + size() + " bytes is full, asked for " + bytes);
    }
    MemorySegment taken = block.asSlice(position, bytes);
    position += aligned(bytes);
    return taken;
  }

  /** Takes a lease; false if the block was already given back, in which case hands off. */
  public boolean retain() {
    for (int n = leases.get(); n > 0; n = leases.get()) {
      if (leases.compareAndSet(n, n + 1)) {
        if (opening != null) {
          opening.leased();
        }
        return true;
      }
    }
    return false;
  }

  /**
   * Gives a lease back; with the last one the block's tensors become invalid.
   *
   * @throws TensorException kind CLOSED if there is no lease to give back
   */
  public void release() {
    for (int n = leases.get(); n > 0; n = leases.get()) {
      if (leases.compareAndSet(n, n - 1)) {
        if (n == 1) {
          if (opening != null) {
            opening.close();
          }
          invalidate();
          pool.giveBack(block, home);
        }
        return;
      }
    }
    throw new TensorException(
        TensorException.Kind.CLOSED, pool.name() + ": block released more often than retained");
  }

  @Override
  String describe() {
    return "its block went back to the pool " + pool.name();
  }
}
