package dev.nagare.streaming.learn;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Callers who wait for the learner to come to their record. A record carries its caller's mark in a
 * header, so that it is found whatever offset it gets, and by nobody but the process that waits.
 *
 * <p>Safe for any thread; costs the learner nothing while nobody waits.
 */
final class LearnCalls {
  /** The header that a mark travels in; nothing of what is learned depends on it. */
  static final String HEADER = "nagare-call";

  private final String process = UUID.randomUUID().toString();
  private final AtomicLong count = new AtomicLong();
  private final Map<String, CompletableFuture<Learned>> waiting = new ConcurrentHashMap<>();

  /**
   * Someone who waits.
   *
   * @param mark for the record's header
   * @param learned completed by the learner
   */
  record Call(String mark, CompletableFuture<Learned> learned) {}

  /** Begins to wait; forgotten when the future completes, however it does. */
  Call begin() {
    String mark = process + "/" + count.incrementAndGet();
    var learned = new CompletableFuture<Learned>();
    waiting.put(mark, learned);
    var _ = learned.whenComplete((done, failure) -> waiting.remove(mark));
    return new Call(mark, learned);
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Whether somebody here waits for a record with this mark. */
  boolean has(String mark) {
    return waiting.containsKey(mark);
  }

  void learned(String mark, Learned done) {
    CompletableFuture<Learned> call = waiting.get(mark);
    if (call != null) {
      call.complete(done);
    }
  }

  void refused(String mark, RuntimeException why) {
    CompletableFuture<Learned> call = waiting.get(mark);
    if (call != null) {
      call.completeExceptionally(why);
    }
  }
}
