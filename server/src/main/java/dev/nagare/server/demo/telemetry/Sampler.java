package dev.nagare.server.demo.telemetry;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Reads the machine at a fixed rate on a thread of its own.
 *
 * <p>Rows are due at start + k · period, so the rate does not drift; rows that were missed, on a
 * machine that slept or is overloaded, are left out, not made up for.
 */
public final class Sampler implements AutoCloseable {
  private final HostTelemetry telemetry;
  private final long periodNanos;
  private final Sink sink;
  private final Thread thread;
  private volatile boolean stopping;
  private volatile @Nullable String problem;

  /** Who takes the rows. */
  @FunctionalInterface
  public interface Sink {
    /**
     * Takes a row.
     *
     * @param timestampMillis when it was read, milliseconds since the epoch
     * @param values to be copied: reused for the next row
     */
    void row(long timestampMillis, float[] values);
  }

  /** Creates a sampler; {@link #start} starts it. */
  public Sampler(HostTelemetry telemetry, Duration period, Sink sink) {
    this.telemetry = telemetry;
    this.periodNanos = period.toNanos();
    this.sink = sink;
    this.thread = Thread.ofPlatform().daemon().name("sampler").unstarted(this::run);
  }

  /** Starts; the first row is due one period from now. */
  public void start() {
    thread.start();
  }

  /** Why the last row could not be read; null if it could. */
  public @Nullable String problem() {
    return problem;
  }

  private void run() {
    float[] row = new float[telemetry.features().size()];
    long last = System.nanoTime();
    long due = last;
    while (!stopping) {
      due = next(due, System.nanoTime(), periodNanos);
      for (long now = System.nanoTime(); now < due && !stopping; now = System.nanoTime()) {
        LockSupport.parkNanos(this, due - now);
      }
      long now = System.nanoTime();
      try {
        telemetry.read(row, Math.max(1, now - last));
        problem = null;
        last = now;
        sink.row(System.currentTimeMillis(), row);
      } catch (IOException e) {
        problem = "this machine's load cannot be read: " + e.getMessage();
      }
    }
  }

  /** The next moment of the fixed rate that is not over yet. */
  static long next(long due, long now, long periodNanos) {
    long late = now - due;
    return due + periodNanos * (1 + Math.max(0, late) / periodNanos);
  }

  /** Stops reading; a row that is being read is still handed over. */
  @Override
  public void close() {
    stopping = true;
    LockSupport.unpark(thread);
  }
}
