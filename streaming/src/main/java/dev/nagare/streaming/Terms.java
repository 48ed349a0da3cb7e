package dev.nagare.streaming;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.nagare.streaming.protocol.AnswerForm;
import dev.nagare.streaming.protocol.ProtocolException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * On what terms a caller asks: before whom, until when, and whether it still waits. Made by a door
 * for one request, and handed down with it to whoever queues it.
 *
 * <p>A deadline is a reading of {@link System#nanoTime()}. A request that cannot be answered by
 * then is refused at the door; one that still waits for a lane by then is given up (504).
 *
 * <p>{@link #leave()} may be called by any thread, at any time, also after the answer.
 */
public final class Terms {

  /**
   * Classes of requests. A lower one gets what the higher ones leave, and, but for the last, never
   * less than a share.
   */
  public enum Priority {
    /** Somebody waits for the answer: HTTP, gRPC, WebSocket. */
    INTERACTIVE(0),
    /** Records of a topic. */
    STREAM(1),
    /** What learning asks of lanes: warm-up, rebuilding, scoring of a candidate. */
    LEARNING(2),
    /**
     * Copies for a version that is tried as a shadow, whose answers nobody gets: one at a time, and
     * only while nothing else waits.
     */
    SHADOW(3);

    private final int place;

    Priority(int place) {
      this.place = place;
    }

    /** 0 goes first. */
    public int place() {
      return place;
    }
  }

  /** Told when a caller leaves. */
  @FunctionalInterface
  public interface Waiting {
    /** The caller has left: nobody reads the answer. Called once, on the thread of the door. */
    void callerLeft();
  }

  /** A message is one array. */
  private static final long LARGEST_ANSWER = Integer.MAX_VALUE - (1 << 16);

  private static final VarHandle WAITING;

  static {
    try {
      WAITING = MethodHandles.lookup().findVarHandle(Terms.class, "waiting", Waiting.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Stands for a caller that has left. */
  private static final Waiting LEFT = () -> {};

  private final Priority priority;
  private final int urgency;
  private final boolean limited;
  private final long deadlineNanos;
  private String principal = "";

  @SuppressWarnings("UnusedVariable") // through the handle
  private volatile @Nullable Waiting waiting;

  private @Nullable Journey journey;

  // Of one thread after the other: the door that asks, the one that sends the answer.
  private @Nullable AnswerShare share;
  private AnswerForm form = AnswerForm.BINARY;
  private long answerBytes;

  private Terms(Priority priority, int urgency, boolean limited, long deadlineNanos) {
    if (urgency < 0) {
      throw new IllegalArgumentException(
          "terms: expected an urgency of at least 0, got " + urgency);
    }
    this.priority = priority;
    this.urgency = urgency;
    this.limited = limited;
    this.deadlineNanos = deadlineNanos;
  }

  /** Without a deadline, and of the usual urgency. */
  public static Terms of(Priority priority) {
    return new Terms(priority, 0, false, 0);
  }

  /**
   * Without a deadline.
   *
   * @param urgency within the class, the protocol's {@code priority}: 0 as usual, 1 before that,
   *     higher numbers after it
   */
  public static Terms of(Priority priority, int urgency) {
    return new Terms(priority, urgency, false, 0);
  }

  /**
   * With a deadline.
   *
   * @param urgency within the class, as in {@link #of(Priority, int)}
   * @param deadlineNanos a reading of {@link System#nanoTime()}, at most 292 years away
   */
  public static Terms until(Priority priority, int urgency, long deadlineNanos) {
    return new Terms(priority, urgency, true, deadlineNanos);
  }

  /** Lets somebody follow the request; to be called before it is handed on. */
  public Terms follow(@Nullable Journey told) {
    journey = told;
    return this;
  }

  /** Who follows the request; null for nobody. */
  public @Nullable Journey journey() {
    return journey;
  }

  /**
   * Says who asks; for the door, before it hands the terms down.
   *
   * @param name of the principal; empty, as without this, for a caller that has none
   * @return these terms
   */
  @CanIgnoreReturnValue
  public Terms by(String name) {
    principal = name;
    return this;
  }

  /** Who asks: the principal's name, empty for a caller that has none. */
  public String principal() {
    return principal;
  }

  /**
   * Lets the answer draw from its connection's share of the budget, from before it is computed
   * until {@link #sent}; for the door, before it hands the terms down.
   *
   * @param as how the answer will be written
   * @return these terms
   */
  @CanIgnoreReturnValue
  public Terms answer(AnswerForm as, AnswerShare from) {
    form = as;
    share = from;
    return this;
  }

  /** How the answer will be written; null if it draws from no budget. */
  public @Nullable AnswerForm answerForm() {
    return share == null ? null : form;
  }

  /**
   * Takes room for the answer; for whoever checks the request, before anything is computed.
   *
   * @param bytes at most
   * @throws ProtocolException 413 if there can never be so much, 429 if there is not now
   */
  public void reserveAnswer(long bytes) {
    AnswerShare from = share;
    if (from == null) {
      return;
    }
    if (bytes > Math.min(from.most(), LARGEST_ANSWER)) {
      throw tooLarge(bytes, from.most());
    }
    from.take(bytes);
    answerBytes += bytes;
  }

  /** The same, and tells why a request is refused. */
  public void reserveAnswer(long bytes, String model, StreamingObserver told) {
    try {
      reserveAnswer(bytes);
    } catch (ProtocolException e) {
      told.refused(model, e.status() == 429 ? "bytes" : "invalid");
      throw e;
    }
  }

  private ProtocolException tooLarge(long bytes, long most) {
    return new ProtocolException(
        413,
        "expected an answer of at most "
            + (most <= LARGEST_ANSWER
                ? most + " bytes (server.connection-answer-bytes)"
                : LARGEST_ANSWER + " bytes, which is what a message has room for")
            + ", this one could take "
            + bytes
            + ": ask for fewer rows at once, or for some of the outputs"
            + (form.hasJson() ? ", or for tensors as bytes (binary_data: true)" : ""));
  }

  /** The answer is there and takes so many bytes; for the door, which is to send it. */
  public void answered(long bytes) {
    if (share != null && bytes != answerBytes) {
      share.correct(bytes - answerBytes);
      answerBytes = bytes;
    }
  }

  /** Nothing of the answer is kept any more, whatever became of it; again it does nothing. */
  public void sent() {
    answered(0);
  }

  /** The class. */
  public Priority priority() {
    return priority;
  }

  /** Within the class: 0 as usual, 1 before that, higher numbers after it. */
  public int urgency() {
    return urgency;
  }

  /** Whether there is a deadline. */
  public boolean limited() {
    return limited;
  }

  /** The deadline, if the request is {@link #limited()}. */
  public long deadlineNanos() {
    return deadlineNanos;
  }

  /**
   * The caller has left, or does not want the answer any more: what still waits for a lane leaves
   * the queue at once, and its answer fails with status 499. What a lane has begun goes on.
   */
  public void leave() {
    Waiting told = (Waiting) WAITING.getAndSet(this, LEFT);
    if (told != null) {
      told.callerLeft();
    }
  }

  /** Whether the caller has left. */
  @SuppressWarnings("ReferenceEquality") // the one mark
  public boolean left() {
    return waiting == LEFT;
  }

  /**
   * For whoever queues the request: tells it when the caller leaves, at once if it has left
   * already. One at a time; a later one takes the place of an earlier one.
   *
   * @return the earlier one; null if there was none, or the caller has left
   */
  @CanIgnoreReturnValue
  @SuppressWarnings("ReferenceEquality") // the one mark
  public @Nullable Waiting whenLeft(Waiting told) {
    for (Waiting now = waiting; now != LEFT; now = waiting) {
      if (WAITING.compareAndSet(this, now, told)) {
        return now;
      }
    }
    told.callerLeft();
    return null;
  }
}
