package dev.nagare.streaming.learn;

import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What comes of one record, in the order of the log: a prediction, an answer that a lane is still
 * working on, a dead letter. Completed once, by any thread; awaited by the committer.
 */
final class Output {

  /**
   * A record to be written.
   *
   * @param headers texts by name
   * @param then written after it; null for none
   */
  @SuppressWarnings("ArrayRecordComponent") // bytes on their way out, compared by nobody
  record Letter(
      String topic,
      byte @Nullable [] key,
      byte @Nullable [] value,
      Map<String, String> headers,
      @Nullable Letter then) {}

  private final long offset;
  private volatile @Nullable Letter letter;
  private volatile boolean done;
  private volatile @Nullable Thread waiter;

  /** For the record at an offset. */
  Output(long offset) {
    this.offset = offset;
  }

  long offset() {
    return offset;
  }

  /** Ends the work on it: with what is to be written, null for nothing. */
  void complete(@Nullable Letter written) {
    letter = written;
    done = true;
    LockSupport.unpark(waiter);
  }

  boolean isDone() {
    return done;
  }

  @Nullable Letter letter() {
    return letter;
  }

  /** Waits for it, however long the lanes take. */
  void await() throws InterruptedException {
    waiter = Thread.currentThread();
    try {
      while (!done) {
        LockSupport.park(this);
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
    } finally {
      waiter = null;
    }
  }
}
