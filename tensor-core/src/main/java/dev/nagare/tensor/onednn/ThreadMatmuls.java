package dev.nagare.tensor.onednn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/**
 * The products that one thread has run lately, ready to run again.
 *
 * <p>oneDNN's memory objects and scratchpads must not be used by two threads at once, and a ready
 * primitive spares the 10 µs and more that making one costs, so each thread keeps its own. At most
 * {@value #SETS} x {@value #WAYS} are kept; the compiled code behind them is shared by oneDNN. When
 * the thread ends, a cleaner destroys them.
 */
@SuppressWarnings("restricted")
final class ThreadMatmuls {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** All memory: an address of checked arguments needs no segment of its own. */
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final int SETS = 64;
  private static final int WAYS = 4;

  private final Owned owned;
  private MemorySegment padded = MemorySegment.NULL;

  ThreadMatmuls() {
    OneDnn.openMpThreads(1); // work is spread over lanes, never over a team inside one
    owned = new Owned(OneDnn.stream());
    CLEANER.register(this, owned);
  }

  /** Runs a product of checked, non-empty F32 matrices; {@code bias} 0 for none. */
  void run(
      long a,
      boolean transposeA,
      long b,
      boolean transposeB,
      long bias,
      long out,
      boolean accumulate,
      long m,
      long n,
      long k) {
    if (m == 1) {
      runPadded(a, transposeA, b, transposeB, bias, out, accumulate, n, k);
    } else {
      matmul(m, n, k, transposeA, transposeB, bias != 0, accumulate)
          .run(owned.stream, a, b, bias, out);
    }
  }

  /**
   * A lone row runs with a row of zeros beside it: oneDNN has another kernel for one row, whose
   * bits differ, and a row must not show with how many others it was computed.
   */
  private void runPadded(
      long a,
      boolean transposeA,
      long b,
      boolean transposeB,
      long bias,
      long out,
      boolean accumulate,
      long n,
      long k) {
    long outAt = Matmul.aligned(8 * k);
    long size = outAt + 8 * n;
    if (padded.byteSize() < size) {
      padded = Arena.ofAuto().allocate(size, 64);
    }
    long left = padded.address();
    long result = left + outAt;
    if (transposeA) {
      for (long i = 0; i < k; i++) {
        ALL.set(FLOAT, left + 8 * i, ALL.get(FLOAT, a + 4 * i));
        ALL.set(FLOAT, left + 8 * i + 4, 0);
      }
    } else {
      MemorySegment.copy(ALL, a, ALL, left, 4 * k);
      zero(left + 4 * k, k);
    }
    if (accumulate) {
      MemorySegment.copy(ALL, out, ALL, result, 4 * n);
      zero(result + 4 * n, n);
    }
    matmul(2, n, k, transposeA, transposeB, bias != 0, accumulate)
        .run(owned.stream, left, b, bias, result);
    MemorySegment.copy(ALL, result, ALL, out, 4 * n);
  }

  private static void zero(long address, long count) {
    for (long i = 0; i < count; i++) {
      ALL.set(FLOAT, address + 4 * i, 0);
    }
  }

  Matmul matmul(long m, long n, long k, boolean ta, boolean tb, boolean bias, boolean accumulate) {
    int flags = (ta ? 1 : 0) | (tb ? 2 : 0) | (bias ? 4 : 0) | (accumulate ? 8 : 0);
    long hash = ((m * 31 + n) * 31 + k) * 31 + flags;
    int set = (int) ((hash * 0x9E3779B97F4A7C15L) >>> 58) * WAYS;
    for (int i = set; i < set + WAYS; i++) {
      Matmul found = owned.matmuls[i];
      if (found != null && found.is(m, n, k, flags)) {
        return found;
      }
    }
    return owned.put(set, AmpleStack.call(() -> new Matmul(m, n, k, flags)));
  }

  /** What the cleaner destroys; must not point back to the thread's object. */
  private static final class Owned implements Runnable {
    final long stream;
    final @Nullable Matmul[] matmuls = new Matmul[SETS * WAYS];
    int next;

    Owned(long stream) {
      this.stream = stream;
    }

    Matmul put(int set, Matmul matmul) {
      int slot = set + next;
      next = (next + 1) % WAYS;
      Matmul old = matmuls[slot];
      matmuls[slot] = matmul;
      if (old != null) {
        old.destroy();
      }
      return matmul;
    }

    @Override
    public void run() {
      for (Matmul matmul : matmuls) {
        if (matmul != null) {
          matmul.destroy();
        }
      }
      OneDnn.destroyStream(stream);
    }
  }
}
