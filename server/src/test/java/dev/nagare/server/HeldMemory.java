package dev.nagare.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.internal.PlatformDependent;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/**
 * What the process still holds after many cases of one kind, beside what it held after the first
 * tenth of them: a server that keeps something of each would hold more and more.
 *
 * <p>Counted are the heap that a collection leaves and direct memory. Resident memory would say
 * when the collector last ran.
 */
public final class HeldMemory {
  /** Code that is met late, and what buffers are cut from; of a million cases 32 bytes each. */
  private static final long ALLOWANCE = 32 << 20;

  private final int early;
  private long before;

  /** Of so many cases. */
  public HeldMemory(int cases) {
    this.early = cases / 10;
  }

  /** To be called before each case, which are counted from 0. */
  public void before(int number) {
    if (number == early) {
      before = bytes();
    }
  }

  /** To be called after the last. */
  public void requireFlat() {
    long after = bytes();
    System.out.printf("memory held: %,d bytes, at last %,d%n", before, after);
    assertThat(after - before).as("bytes that are held for good").isLessThan(ALLOWANCE);
  }

  private static long bytes() {
    System.gc();
    long direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    return heap + direct + Math.max(0, PlatformDependent.usedDirectMemory());
  }
}
