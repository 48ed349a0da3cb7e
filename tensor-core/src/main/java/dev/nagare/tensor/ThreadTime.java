package dev.nagare.tensor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Processor time that the calling thread has had: what work costs, however often others came
 * between. Linux; elsewhere the time that has passed. Allocates nothing when read. One thread at a
 * time. Source: {@code clock_gettime(2)}.
 */
public final class ThreadTime {
  /** {@code CLOCK_THREAD_CPUTIME_ID}. */
  private static final int OF_THREAD = 3;

  /** Bytes of {@code struct timespec}: seconds, then nanoseconds. */
  private static final int TIMESPEC = 16;

  private static final int NANOSECONDS_AT = 8;

  private static final @Nullable MethodHandle GET =
      SystemCalls.find(
          "clock_gettime",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS),
          Linker.Option.critical(false));

  private final MemorySegment time = Arena.ofAuto().allocate(TIMESPEC, Long.BYTES);

  /** Made once: a call made at each reading would be an object each time. */
  private final SystemCalls.Call read =
      () -> (int) Objects.requireNonNull(GET).invokeExact(OF_THREAD, time);

  /** One to be read by whoever has it. */
  public ThreadTime() {}

  /** Nanoseconds since some moment; to be compared with readings on the same thread. */
  public long nanos() {
    if (GET == null || SystemCalls.call(read) != 0) {
      return System.nanoTime();
    }
    return TimeUnit.SECONDS.toNanos(time.get(JAVA_LONG, 0)) + time.get(JAVA_LONG, NANOSECONDS_AT);
  }
}
