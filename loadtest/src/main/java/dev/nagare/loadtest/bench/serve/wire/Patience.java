package dev.nagare.loadtest.bench.serve.wire;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long a load waits for answers. Its time passes only while the load runs: when the whole
 * machine stands still, nobody can have answered meanwhile. Used by one thread.
 */
final class Patience {
  /** Between two looks there is hardly ever more, unless the machine stood still. */
  private static final long BETWEEN_LOOKS = Duration.ofMillis(100).toNanos();

  private final LongSupplier nanoTime;
  private long left;
  private long looked;

  /** Begins now. */
  Patience(Duration length) {
    this(length, System::nanoTime);
  }

  /** With a clock in nanoseconds. */
  Patience(Duration length, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.left = length.toNanos();
    this.looked = nanoTime.getAsLong();
  }

  /** Whether there is some left; to be asked again and again. */
  boolean isLeft() {
    long now = nanoTime.getAsLong();
    left -= Math.min(now - looked, BETWEEN_LOOKS);
    looked = now;
    return left > 0;
  }
}
