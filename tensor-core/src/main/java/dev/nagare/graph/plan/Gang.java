package dev.nagare.graph.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that run one plan together while nothing else is to be done.
 *
 * <p>The caller is lane 0. Who waits for the others does so busily for some ten microseconds, then
 * it sleeps. One thread at a time may call; closing ends the others.
 */
public final class Gang implements AutoCloseable {
  private static final int SPINS = 4_000;

  /** Counters of two lanes do not share a cache line, nor the one beside it. */
  private static final int APART = 16;

  private final int lanes;
  private final List<Thread> workers = new ArrayList<>();
  private final AtomicLongArray arrived;
  private final AtomicLongArray asleep;
  private final Thread[] threads;
  private volatile Work work = lane -> {};
  private volatile boolean closed;

  /** What all lanes do. */
  @FunctionalInterface
  interface Work {
    /** Does the part of a lane; it does not throw, and every lane meets equally often. */
    void run(int lane);
  }

  /**
   * Starts the others.
   *
   * @param lanes how many threads, the caller's among them, at least 1
   */
  public Gang(int lanes) {
    if (lanes < 1) {
      throw new IllegalArgumentException("gang: expected 1 lane or more, got " + lanes);
    }
    this.lanes = lanes;
    arrived = new AtomicLongArray(lanes * APART);
    asleep = new AtomicLongArray(lanes * APART);
    threads = new Thread[lanes];
    threads[0] = Thread.currentThread();
    for (int i = 1; i < lanes; i++) {
      int lane = i;
      Thread worker =
          Thread.ofPlatform().daemon().name("gang-" + lane).unstarted(() -> serve(lane));
      threads[lane] = worker;
      workers.add(worker);
    }
    workers.forEach(Thread::start);
  }

  /** How many threads it has. */
  public int lanes() {
    return lanes;
  }

  /** Runs the work of every lane and returns when all have ended. */
  void run(Work all) {
    if (closed) {
      throw new IllegalStateException("gang: closed");
    }
    threads[0] = Thread.currentThread();
    work = all;
    meet(0);
    all.run(0);
    meet(0);
  }

  private void serve(int lane) {
    while (true) {
      meet(lane);
      if (closed) {
        return;
      }
      work.run(lane);
      meet(lane);
    }
  }

  /** Waits until every lane has come here as often as this one. */
  void meet(int lane) {
    long time = arrived.get(lane * APART) + 1;
    arrived.set(lane * APART, time);
    for (int other = 0; other < lanes; other++) {
      if (other != lane && asleep.get(other * APART) != 0) {
        LockSupport.unpark(threads[other]);
      }
    }
    for (int other = 0; other < lanes; other++) {
      if (other != lane) {
        await(lane, other, time);
      }
    }
  }

  private void await(int lane, int other, long time) {
    for (int i = 0; i < SPINS; i++) {
      if (arrived.get(other * APART) >= time) {
        return;
      }
      Thread.onSpinWait();
    }
    asleep.set(lane * APART, 1);
    while (arrived.get(other * APART) < time) {
      LockSupport.park(this);
    }
    asleep.set(lane * APART, 0);
  }

  /** Ends the other threads. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      meet(0);
    }
  }

  /** A failure of some lane, the first of them; null if there was none. */
  static @Nullable Throwable first(@Nullable Throwable[] failures) {
    for (int i = 0; i < failures.length; i++) {
      Throwable failure = failures[i];
      if (failure != null) {
        return failure;
      }
    }
    return null;
  }
}
