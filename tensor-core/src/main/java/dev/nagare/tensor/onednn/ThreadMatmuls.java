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

  /** All memory: an address of checked arguments needs no segment of its own. */
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  private static final int SETS = 64;
  private static final int WAYS = 4;

  private final Owned owned;
  private MemorySegment padded = MemorySegment.NULL;

  ThreadMatmuls() {
    OneDnn.openMpThreads(1); // work is spread over lanes, never over a team inside one
    owned = new Owned(OneDnn.stream());
    CLEANER.register(this, owned);
  }

  /** Runs a product of checked, non-empty matrices of F32 or BF16; {@code bias} 0 for none. */
  void run(
      boolean bf16,
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
      runPadded(bf16, a, transposeA, b, transposeB, bias, out, accumulate, n, k);
    } else {
      matmul(bf16, m, n, k, transposeA, transposeB, bias != 0, accumulate)
          .run(owned.stream, a, b, bias, out);
    }
  }

  /**
   * A lone row runs with a row of zeros beside it: oneDNN has another kernel for one row, whose
   * bits differ, and a row must not show with how many others it was computed.
   */
  private void runPadded(
      boolean bf16,
      long a,
      boolean transposeA,
      long b,
      boolean transposeB,
      long bias,
      long out,
      boolean accumulate,
      long n,
      long k) {
    long bytes = bf16 ? 2 : 4;
    long outAt = Matmul.aligned(2 * bytes * k);
    long size = outAt + 2 * bytes * n + 4;
    if (padded.byteSize() < size) {
      padded = Arena.ofAuto().allocate(size, 64);
    }
    long left = padded.address();
    long result = left + outAt;
    if (transposeA) {
      beside(bf16, a, left, k);
    } else {
      MemorySegment.copy(ALL, a, ALL, left, bytes * k);
      zero(left + bytes * k, bytes * k);
    }
    if (accumulate) {
      MemorySegment.copy(ALL, out, ALL, result, bytes * n);
      zero(result + bytes * n, bytes * n);
    }
    matmul(bf16, 2, n, k, transposeA, transposeB, bias != 0, accumulate)
        .run(owned.stream, left, b, bias, result);
    MemorySegment.copy(ALL, result, ALL, out, bytes * n);
  }

  /** A column with zeros beside it. */
  private static void beside(boolean bf16, long a, long left, long k) {
    for (long i = 0; i < k; i++) {
      if (bf16) {
        int number = Short.toUnsignedInt(ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, a + 2 * i));
        ALL.set(INT, left + 4 * i, number); // little-endian: the zero comes after it
      } else {
        ALL.set(INT, left + 8 * i, ALL.get(INT, a + 4 * i));
        ALL.set(INT, left + 8 * i + 4, 0);
      }
    }
  }

  /** Zeros; a last two bytes that do not fill four may have two more after them. */
  private static void zero(long address, long bytes) {
    for (long i = 0; i < bytes; i += 4) {
      ALL.set(INT, address + i, 0);
    }
  }

  Matmul matmul(
      boolean bf16,
      long m,
      long n,
      long k,
      boolean ta,
      boolean tb,
      boolean bias,
      boolean accumulate) {
    int flags =
        (bf16 ? Matmul.BF16 : 0)
            | (ta ? 1 : 0)
            | (tb ? 2 : 0)
            | (bias ? 4 : 0)
            | (accumulate ? 8 : 0);
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
