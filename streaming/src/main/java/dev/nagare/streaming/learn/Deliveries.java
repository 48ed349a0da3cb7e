package dev.nagare.streaming.learn;

import dev.nagare.streaming.kafka.TopicWriter;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts what records gave rise to and Kafka has not acknowledged yet: a checkpoint may say that a
 * record is done only when all of it has arrived.
 *
 * <p>Begun and ended by any thread; waited for by one, the learner's.
 */
final class Deliveries implements TopicWriter.Delivery {
  private static final long LOOK_NANOS = 10_000_000;

  private final AtomicInteger pending = new AtomicInteger();
  private volatile @Nullable Thread waiter;
  private volatile @Nullable String failure;

  /** One more answer is on its way. */
  void begin() {
    pending.incrementAndGet();
  }

  /** An answer arrived, or never will. */
  @Override
  public void done(@Nullable Exception reason) {
    if (reason != null) {
      failure = reason.toString();
    }
    pending.decrementAndGet();
    Thread waiting = waiter;
    if (waiting != null) {
      LockSupport.unpark(waiting);
    }
  }

  /** Why an answer could not be delivered, ever; null if none was lost. */
  @Nullable String failure() {
    return failure;
  }

  /**
   * Waits until no more than some are on their way.
   *
   * @param giveUp looked at now and then
   * @return false if it gave up
   */
  boolean await(int most, BooleanSupplier giveUp) {
    waiter = Thread.currentThread();
    try {
      while (pending.get() > most) {
        if (giveUp.getAsBoolean()) {
          return false;
        }
        LockSupport.parkNanos(this, LOOK_NANOS);
      }
      return true;
    } finally {
      waiter = null;
    }
  }
}
