package dev.nagare.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Blocks of memory that are used again: of requests (a caller's bytes) or of snapshots (weights).
 *
 * <p>Blocks come in powers of two, or in the sizes asked for, and are kept unless the pool is told
 * to {@linkplain #letGo let go}, so memory is flat once the busiest moment has passed; {@link
 * #heldBytes()} shows it. Safe for any thread.
 */
public final class MemoryPool {
  private static final int SMALLEST = 10;
  private static final int CLASSES = 31 - SMALLEST;

  private final String name;
  private final long budgetBytes;
  private final ConcurrentLinkedQueue<MemorySegment>[] free;
  private final ConcurrentHashMap<Long, ConcurrentLinkedQueue<MemorySegment>> exact =
      new ConcurrentHashMap<>();
  private final AtomicLong held = new AtomicLong();
  private final AtomicLong used = new AtomicLong();

  /**
   * Creates an empty pool.
   *
   * @param name named in errors, such as {@code requests}
   * @param budgetBytes most bytes in use at once; what comes beyond is refused
   */
  @SuppressWarnings({"unchecked", "rawtypes"})
  public MemoryPool(String name, long budgetBytes) {
    this.name = name;
    this.budgetBytes = budgetBytes;
    this.free = new ConcurrentLinkedQueue[CLASSES];
    for (int i = 0; i < CLASSES; i++) {
      free[i] = new ConcurrentLinkedQueue<>();
    }
  }

  /**
   * Opens a block with one lease, which belongs to the caller.
   *
   * @param bytes that the tensors of the block will take in all, at most 1 GiB; each tensor starts
   *     at a multiple of {@link Memory#ALIGNMENT}
   * @throws TensorException kind OUT_OF_BUDGET if the pool's budget is spent
   */
  public PooledMemory open(long bytes) {
    int bits = Math.max(SMALLEST, 64 - Long.numberOfLeadingZeros(Math.max(bytes, 1) - 1));
    if (bytes < 0 || bits - SMALLEST >= CLASSES) {
      throw TensorException.mismatch(name + ": a block has at most 1 GiB, asked for " + bytes);
    }
    return open(1L << bits, free[bits - SMALLEST]);
  }

  /**
   * Opens a block that is no larger than asked for, with one lease, which belongs to the caller:
   * for weights, whose sizes come again with every version.
   *
   * @param bytes that the tensors of the block will take in all
   * @throws TensorException kind OUT_OF_BUDGET if the pool's budget is spent
   */
  public PooledMemory openExactly(long bytes) {
    long size = Memory.aligned(bytes);
    return open(size, blocks(size));
  }

  private ConcurrentLinkedQueue<MemorySegment> blocks(long size) {
    return exact.computeIfAbsent(size, any -> new ConcurrentLinkedQueue<>());
  }

  private PooledMemory open(long size, ConcurrentLinkedQueue<MemorySegment> from) {
    if (used.addAndGet(size) > budgetBytes) {
      used.addAndGet(-size);
      throw new TensorException(
          TensorException.Kind.OUT_OF_BUDGET,
          name
              + ": "
              + size
              + " bytes asked for, "
              + used.get()
              + " of "
              + budgetBytes
              + " in use");
    }
    MemorySegment block = from.poll();
    return new PooledMemory(this, block == null ? create(size) : block, from);
  }

  private MemorySegment create(long size) {
    try {
      // An arena per block of the pool, not per opening: blocks live as long as the pool is
      // reachable.
      MemorySegment block = Arena.ofAuto().allocate(size, Memory.ALIGNMENT);
      held.addAndGet(size);
      return block;
    } catch (OutOfMemoryError e) {
      used.addAndGet(-size);
      throw new TensorException(
          TensorException.Kind.OUT_OF_BUDGET,
          name
              + ": the system gave no "
              + size
              + " bytes, "
              + used.get()
              + " of "
              + budgetBytes
              + " in use; lower the budget or raise -XX:MaxDirectMemorySize",
          e);
    }
  }

  void giveBack(MemorySegment block, ConcurrentLinkedQueue<MemorySegment> to) {
    // In this order: whoever is allowed the bytes finds the block and makes no other.
    to.add(block);
    used.addAndGet(-block.byteSize());
  }

  /** Lets go of blocks that nobody has open; they end when nothing refers to them any more. */
  public void letGo() {
    for (ConcurrentLinkedQueue<MemorySegment> blocks : free) {
      letGo(blocks);
    }
    exact.values().forEach(this::letGo);
  }

  private void letGo(ConcurrentLinkedQueue<MemorySegment> blocks) {
    for (MemorySegment block = blocks.poll(); block != null; block = blocks.poll()) {
      held.addAndGet(-block.byteSize());
    }
  }

  /** Bytes in blocks that are open now. */
  public long usedBytes() {
    return used.get();
  }

  /** Bytes in all blocks, open or waiting to be used again. */
  public long heldBytes() {
    return held.get();
  }

  String name() {
    return name;
  }
}
