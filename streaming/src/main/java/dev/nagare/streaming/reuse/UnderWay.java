package dev.nagare.streaming.reuse;

import java.util.concurrent.atomic.AtomicLong;

/** How many bytes of what is asked may wait for answers on the heap. Safe for any thread. */
final class UnderWay {
  private final long most;
  private final AtomicLong bytes = new AtomicLong();

  UnderWay(long most) {
    this.most = most;
  }

  /** Whether there can be room for so many. */
  boolean fits(long bytesOfAsked) {
    return bytesOfAsked <= most;
  }

  /** Takes room; false, and nothing is taken, if there is not so much now. */
  boolean begin(Asked asked) {
    if (bytes.addAndGet(asked.size()) <= most) {
      return true;
    }
    end(asked);
    return false;
  }

  /** Gives it back. */
  void end(Asked asked) {
    bytes.addAndGet(-asked.size());
  }

  /** Bytes that are taken. */
  long bytes() {
    return bytes.get();
  }
}
