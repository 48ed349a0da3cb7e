package dev.nagare.server.processing;

import dev.nagare.streaming.protocol.ProtocolException;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * The shares of the heap that pictures and texts may take, so that they leave the rest to others: a
 * quarter for what was sent and is being read, a quarter for pixels. Who holds of the second waits
 * for nothing, so nobody waits for ever.
 *
 * <p>Safe for any thread. Blocks; for threads that may.
 */
final class Heap {
  /** The body in one piece, its part of a form, the file without what pixels do not need. */
  private static final int COPIES = 3;

  private static final int KIBI = 1 << 10;

  private final Share reading;
  private final Share decoding;

  /**
   * Shares of a heap.
   *
   * @param bytes of all of it
   */
  Heap(long bytes) {
    reading = new Share(bytes / 4);
    decoding = new Share(bytes / 4);
  }

  /** A part that is given in KiB, to who came first. */
  private static final class Share {
    private final long bytes;
    private final int kibis;
    private final Semaphore free;

    Share(long bytes) {
      this.bytes = bytes;
      this.kibis = Math.clamp(bytes / KIBI, 1, Integer.MAX_VALUE);
      this.free = new Semaphore(kibis, true);
    }

    <T> T during(long taken, Supplier<T> work) {
      int part = Math.clamp(Math.ceilDiv(taken, KIBI), 1, kibis);
      try {
        free.acquire(part);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ProtocolException(503, "the server is stopping");
      }
      try {
        return work.get();
      } finally {
        free.release(part);
      }
    }
  }

  /**
   * Works with what was sent; with more than the share alone.
   *
   * @param bytes that were sent
   */
  <T> T reading(long bytes, Supplier<T> work) {
    return reading.during(COPIES * bytes, work);
  }

  /**
   * Works with pixels.
   *
   * @param bytes of them
   * @throws ProtocolException 413 if they are more than the share
   */
  <T> T decoding(long bytes, Supplier<T> work) {
    if (bytes > decoding.bytes) {
      throw new ProtocolException(
          413,
          "image: its pixels take "
              + bytes
              + " bytes once they are decoded, expected at most "
              + decoding.bytes
              + ", a quarter of this server's heap (-Xmx); make it smaller");
    }
    return decoding.during(bytes, work);
  }
}
