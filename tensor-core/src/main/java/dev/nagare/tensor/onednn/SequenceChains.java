package dev.nagare.tensor.onednn;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.kernel.prepared.AttentionSpec;
import dev.nagare.tensor.kernel.prepared.RaggedAttentionSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ChainedAttention} for each length that was met, which all layers and plans of a model
 * have together. Making one costs some milliseconds, once; a sequence's bits depend on its own
 * length alone.
 *
 * <p>What a run needs besides is a {@link Worker}: one is borrowed for the time of a run, so there
 * are as many as run at once.
 */
final class SequenceChains {
  static final Shared<Heads, SequenceChains> ALL = new Shared<>(SequenceChains::close);

  private static final int IDLE = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());

  private static final int GROWTH = 2;

  private final Heads heads;
  private final Map<Integer, ChainedAttention> byLength = new ConcurrentHashMap<>();
  private final AtomicReferenceArray<@Nullable Worker> idle = new AtomicReferenceArray<>(IDLE);

  /** What does not vary from plan to plan: as in {@link RaggedAttentionSpec}. */
  record Heads(int count, long depth, double scale, long qRow, long kRow, long vRow, DType dtype) {
    static Heads of(RaggedAttentionSpec s) {
      return new Heads(s.heads(), s.depth(), s.scale(), s.qRow(), s.kRow(), s.vRow(), s.dtype());
    }
  }

  SequenceChains(Heads heads) {
    this.heads = heads;
  }

  String implementation() {
    return ofLength(1).implementation();
  }

  private ChainedAttention ofLength(int length) {
    return byLength.computeIfAbsent(
        length, any -> AmpleStack.call(() -> new ChainedAttention(one(length))));
  }

  private AttentionSpec one(int length) {
    return new AttentionSpec(
        1,
        length,
        length,
        heads.count(),
        heads.depth(),
        heads.scale(),
        heads.qRow(),
        heads.kRow(),
        heads.vRow(),
        null,
        heads.dtype());
  }

  /**
   * Bytes of a worker that met a sequence of so many tokens, at most: scores before and after the
   * softmax, of all heads, and as much again for what may come. What oneDNN needs besides is less.
   */
  static long workerBytes(Heads heads, long tokens) {
    long scores = heads.count() * tokens * tokens * (DType.F32.bytes() + heads.dtype().bytes());
    return GROWTH * scores;
  }

  /** One that nobody has; to be {@link #putBack put back} after the run. */
  Worker borrow() {
    for (int i = 0; i < IDLE; i++) {
      Worker worker = idle.get(i) == null ? null : idle.getAndSet(i, null);
      if (worker != null) {
        return worker;
      }
    }
    return new Worker();
  }

  void putBack(Worker worker) {
    for (int i = 0; i < IDLE; i++) {
      if (idle.get(i) == null && idle.compareAndSet(i, null, worker)) {
        return;
      }
    }
    worker.close();
  }

  /** With the last kernel that used it; nobody has a worker any more. */
  private void close() {
    for (int i = 0; i < IDLE; i++) {
      Worker worker = idle.getAndSet(i, null);
      if (worker != null) {
        worker.close();
      }
    }
    byLength.values().forEach(ChainedAttention::close);
    byLength.clear();
  }

  /** Argument sets and scratch, for one thread at a time. */
  final class Worker {
    private ChainedAttention.@Nullable Chain[] chains = {};
    private MemorySegment scratch = MemorySegment.NULL;

    /** Computes a sequence whose first rows are at these addresses. */
    void run(int length, long q, long k, long v, long y) {
      ChainedAttention.Chain chain = chain(length);
      chain.inputAt(0, q);
      chain.inputAt(1, k);
      chain.inputAt(2, v);
      chain.outputAt(y);
      chain.compute();
    }

    long scratchBytes() {
      return scratch.byteSize();
    }

    private ChainedAttention.Chain chain(int length) {
      if (length >= chains.length) {
        chains = Arrays.copyOf(chains, Math.max(length + 1, 2 * chains.length));
      }
      ChainedAttention.Chain found = chains[length];
      if (found == null) {
        ChainedAttention kernel = ofLength(length);
        long wanted = kernel.scratchBytes();
        if (scratch.byteSize() < wanted) {
          // Larger by a factor, so that not every length moves it.
          long bytes = Math.max(wanted, GROWTH * scratch.byteSize());
          scratch = Arena.ofAuto().allocate(bytes, Memory.ALIGNMENT);
          for (ChainedAttention.Chain chain : chains) {
            if (chain != null) {
              chain.move(scratch);
            }
          }
        }
        found = kernel.chain(scratch);
        chains[length] = found;
      }
      return found;
    }

    private void close() {
      for (ChainedAttention.Chain chain : chains) {
        if (chain != null) {
          chain.close();
        }
      }
    }
  }
}
