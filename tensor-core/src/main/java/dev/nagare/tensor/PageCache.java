package dev.nagare.tensor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/** What a process can tell the system about pages of a mapped file; Linux, elsewhere nothing. */
final class PageCache {
  /** MADV_DONTNEED of {@code madvise(2)}: pages of a file come from the page cache again. */
  private static final int DONT_NEED = 4;

  private static final @Nullable MethodHandle MADVISE =
      SystemCalls.find("madvise", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

  private PageCache() {}

  /** Takes the pages of a mapping, which begins at a page, off the memory of this process. */
  static void letGo(MemorySegment mapped) {
    MethodHandle advise = MADVISE;
    if (advise == null || mapped.byteSize() == 0) {
      return;
    }
    // It is advice: whether it was taken changes nothing but what the process is said to hold.
    long _ = SystemCalls.call(() -> (int) advise.invokeExact(mapped, mapped.byteSize(), DONT_NEED));
  }
}
