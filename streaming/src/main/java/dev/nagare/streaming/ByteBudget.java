package dev.nagare.streaming;

import dev.nagare.streaming.protocol.ProtocolException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * How many bytes of callers may be inside the process at once, on the heap: bodies and messages
 * that are being read, before and after they are decompressed, records that wait for Kafka, and
 * answers until their callers have taken them. Whoever would go beyond it is refused, so memory
 * stays flat whatever is sent and however slowly it is read.
 *
 * <p>Safe for any thread.
 */
public final class ByteBudget {
  private static final long RETRY_MILLIS = 1_000;

  private final long most;
  private final Consumer<String> refused;
  private final AtomicLong taken = new AtomicLong();

  /**
   * With nothing taken.
   *
   * @param most bytes at once
   * @param refused told, by any thread, who asked for more than there was; must not block
   */
  public ByteBudget(long most, Consumer<String> refused) {
    this.most = most;
    this.refused = refused;
  }

  /** A quarter of the heap: what a process has that says nothing else. */
  public static long usualBytes() {
    return Runtime.getRuntime().maxMemory() / 4;
  }

  /** Bytes at once. */
  public long most() {
    return most;
  }

  /** Bytes that are taken now. */
  public long taken() {
    return taken.get();
  }

  /**
   * A share that is empty yet.
   *
   * @param who for the count of refusals: {@code http}, {@code grpc}, {@code websocket}, {@code
   *     log}
   */
  public Share share(String who) {
    return new Share(who);
  }

  /** What a caller is told who would have gone beyond it: status 429. */
  public ProtocolException refusal() {
    return ProtocolException.busy(
        "the requests and answers inside the process take its "
            + most
            + " bytes (server.memory-bytes); try again later",
        RETRY_MILLIS);
  }

  /**
   * Takes room for an answer that is to be computed; false, and nothing is taken, if there is not
   * so much. For the {@link AnswerShare} of its connection.
   */
  boolean takeAnswer(long bytes) {
    if (take(bytes)) {
      return true;
    }
    refused.accept("answer");
    return false;
  }

  /** An answer is so much larger than expected, or smaller, or gone: it is there already. */
  void correctAnswer(long more) {
    taken.addAndGet(more);
  }

  private boolean take(long bytes) {
    for (long now = taken.get(); bytes <= most - now; now = taken.get()) {
      if (taken.compareAndSet(now, now + bytes)) {
        return true;
      }
    }
    return false;
  }

  /** What one caller has of the budget. Safe for any thread. */
  public final class Share implements AutoCloseable {
    private final String who;
    private long bytes; // guarded by this
    private boolean closed;

    private Share(String who) {
      this.who = who;
    }

    /** Takes more; false, and nothing is taken, if there is not so much, or after the end. */
    public synchronized boolean grow(long more) {
      if (closed) {
        return false;
      }
      if (!take(more)) {
        refused.accept(who);
        return false;
      }
      bytes += more;
      return true;
    }

    /** Gives back some, at most what it has. */
    public synchronized void shrink(long less) {
      long back = Math.min(less, bytes);
      bytes -= back;
      taken.addAndGet(-back);
    }

    /** Bytes that it has. */
    public synchronized long bytes() {
      return bytes;
    }

    /** Gives back all, for good. A second call does nothing. */
    @Override
    public synchronized void close() {
      closed = true;
      shrink(bytes);
    }
  }
}
