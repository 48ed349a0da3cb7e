package dev.nagare.loadtest.bench.learn;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.streaming.kafka.RowProducer;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.StringJoiner;
import java.util.concurrent.locks.LockSupport;

/** Rows of a noisy seasonal signal at a constant rate, until it is closed. */
final class Feeder implements AutoCloseable {
  private static final int SEASON = 60;

  private final RowProducer producer;
  private final int features;
  private final double perSecond;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Begins to feed.
   *
   * @param producer the caller's
   */
  Feeder(RowProducer producer, int features, double perSecond) {
    this.producer = producer;
    this.features = features;
    this.perSecond = perSecond;
    this.thread = Thread.ofPlatform().daemon().name("bench-feeder").start(this::run);
  }

  private void run() {
    var random = new SplittableRandom(1);
    long begun = System.nanoTime();
    for (long row = 0; !closed; row++) {
      long due = begun + (long) (row / perSecond * 1e9);
      for (long now = System.nanoTime(); now < due && !closed; now = System.nanoTime()) {
        LockSupport.parkNanos(this, due - now);
      }
      producer.offer(System.currentTimeMillis(), row(row, random));
    }
  }

  private byte[] row(long row, SplittableRandom random) {
    var line = new StringJoiner(",");
    for (int f = 0; f < features; f++) {
      double season = Math.sin(2 * Math.PI * row / (SEASON + 7 * f));
      line.add(String.format(Locale.ROOT, "%.4f", season + random.nextDouble(-0.3, 0.3)));
    }
    return line.toString().getBytes(UTF_8);
  }

  /** Returns when the last row is in the producer. */
  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
