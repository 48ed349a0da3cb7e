package dev.nagare.loadtest.bench;

import java.time.Duration;

/** Time in which a benchmark does nothing, on purpose: the one place that waits by the clock. */
public final class Idle {
  private Idle() {}

  /** Lets a time pass: between blocks, before a disturbance, until something is looked at again. */
  public static void spend(Duration time) throws InterruptedException {
    Thread.sleep(time);
  }
}
