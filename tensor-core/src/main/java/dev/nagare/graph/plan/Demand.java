package dev.nagare.graph.plan;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How often buckets were asked for that are not there, and whether that is a reason to compile one
 * in the place of another. Safe for any thread.
 */
final class Demand {
  /** Compiling costs the lanes memory and time: a demand that chance explains is no reason. */
  private static final int FEWEST_ASKED = 64;

  private static final int CLEARLY_MORE = 2;

  private final Map<Long, AtomicInteger> wanted = new ConcurrentHashMap<>();

  /** One more; returns how many. */
  int count(long bucket) {
    return wanted.computeIfAbsent(bucket, any -> new AtomicInteger()).incrementAndGet();
  }

  /** Whether so many are clearly more than what another plan was asked for. */
  static boolean isClearlyMore(int asked, PlanEntry than) {
    return asked >= FEWEST_ASKED && asked >= CLEARLY_MORE * than.uses;
  }

  /** The bucket is there now, or never will be. */
  void forget(long bucket) {
    wanted.remove(bucket);
  }

  /** All are counted anew: what was asked for long ago is no reason. */
  void forgetAll() {
    wanted.clear();
  }
}
