package dev.nagare.tensor;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Large pieces of memory straight from the system, on pages of two megabytes where it has them.
 *
 * <p>The JVM writes zeros into what it allocates, in one go that no garbage collection can
 * interrupt, page after page of four kilobytes: a thread that compiled plans spent most of its time
 * so. What the system maps is zero already, and costs when it is first used. Linux; elsewhere the
 * JVM allocates.
 */
@SuppressWarnings("restricted")
final class LargePages {
  /** Below this the JVM allocates. */
  static final long LEAST_BYTES = 1 << 22;

  /** Beyond this the JVM allocates, too: its limit for such memory has the word then. */
  static final long MOST_BYTES = 1L << 30;

  private static final long PAGE = 1 << 21;

  /** {@code PROT_READ | PROT_WRITE} of {@code mmap(2)}. */
  private static final int READ_WRITE = 3;

  /** {@code MAP_PRIVATE | MAP_ANONYMOUS}. */
  private static final int ANONYMOUS = 0x22;

  private static final long FAILED = -1;

  /** {@code MADV_HUGEPAGE} of {@code madvise(2)}. */
  private static final int HUGE_PAGE = 14;

  private static final @Nullable MethodHandle MMAP =
      SystemCalls.find(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));

  private static final @Nullable MethodHandle MUNMAP =
      SystemCalls.find("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));

  private static final @Nullable MethodHandle MADVISE =
      SystemCalls.find("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

  private LargePages() {}

  /**
   * Zeros, that are given back when the arena is closed; they begin at a multiple of two megabytes.
   *
   * @return null if the system has no such memory: whoever asks is to ask the JVM
   */
  static @Nullable MemorySegment allocate(Arena arena, long bytes) {
    MethodHandle map = MMAP;
    MethodHandle unmap = MUNMAP;
    MethodHandle advise = MADVISE;
    if (bytes < LEAST_BYTES || bytes > MOST_BYTES) {
      return null;
    }
    if (map == null || unmap == null || advise == null) {
      return null;
    }
    long whole = bytes + PAGE; // address space alone: what is before and after is never used
    long start =
        SystemCalls.call(() -> (long) map.invokeExact(0L, whole, READ_WRITE, ANONYMOUS, -1, 0L));
    if (start == FAILED) {
      return null;
    }
    long aligned = (start + PAGE - 1) & -PAGE;
    // Advice: without such pages there are small ones.
    long _ = SystemCalls.call(() -> (int) advise.invokeExact(aligned, bytes, HUGE_PAGE));
    return MemorySegment.ofAddress(aligned)
        .reinterpret(
            bytes,
            arena,
            given -> {
              long _ = SystemCalls.call(() -> (int) unmap.invokeExact(start, whole));
            });
  }
}
