package dev.nagare.tensor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** What a process can tell the system about pages of a mapped file; Linux, elsewhere nothing. */
@SuppressWarnings("restricted")
final class PageCache {
  /** MADV_DONTNEED of {@code madvise(2)}: pages of a file come from the page cache again. */
  private static final int DONT_NEED = 4;

  private static final Optional<MethodHandle> MADVISE =
      System.getProperty("os.name").equals("Linux")
          ? Linker.nativeLinker()
              .defaultLookup()
              .find("madvise")
              .map(
                  address ->
                      Linker.nativeLinker()
                          .downcallHandle(
                              address,
                              FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT)))
          : Optional.empty();

  private PageCache() {}

  /** Takes the pages of a mapping, which begins at a page, off the memory of this process. */
  static void letGo(MemorySegment mapped) {
    if (MADVISE.isEmpty() || mapped.byteSize() == 0) {
      return;
    }
    try {
      // It is advice: whether it was taken changes nothing but what the process is said to hold.
      int ignored = (int) MADVISE.get().invokeExact(mapped, mapped.byteSize(), DONT_NEED);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("madvise: " + e, e);
    }
  }
}
