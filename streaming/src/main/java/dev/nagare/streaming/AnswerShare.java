package dev.nagare.streaming;

import dev.nagare.streaming.protocol.ProtocolException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the answers of one connection may take of the budget, from before they are computed until
 * they are sent: so that who asks for much and reads slowly has less room itself, and the others
 * what there was. Made once for a connection; an answer allocates nothing.
 *
 * <p>Safe for any thread.
 */
public final class AnswerShare {
  private static final long RETRY_MILLIS = 1_000;

  private final ByteBudget budget;
  private final long most;
  private final Runnable refused;
  private final AtomicLong taken = new AtomicLong();

  /**
   * With nothing taken.
   *
   * @param budget of all
   * @param most bytes at once; more than the budget is the budget
   * @param refused told, by any thread, of an answer for which the budget had room, perhaps, and
   *     the share had none; must not block
   */
  public AnswerShare(ByteBudget budget, long most, Runnable refused) {
    this.budget = budget;
    this.most = Math.min(most, budget.most());
    this.refused = refused;
  }

  /** Bytes at once. */
  public long most() {
    return most;
  }

  /**
   * Takes room for an answer that is to be computed.
   *
   * @throws ProtocolException 429 if there is not so much now; then nothing is taken
   */
  void take(long bytes) {
    for (long now = taken.get(); ; now = taken.get()) {
      if (bytes > most - now) {
        refused.run();
        throw refusal(now);
      }
      if (taken.compareAndSet(now, now + bytes)) {
        break;
      }
    }
    if (!budget.takeAnswer(bytes)) {
      taken.addAndGet(-bytes);
      throw budget.refusal();
    }
  }

  /** An answer is so much larger than expected, or smaller, or gone: it is there already. */
  void correct(long more) {
    taken.addAndGet(more);
    budget.correctAnswer(more);
  }

  private ProtocolException refusal(long now) {
    return ProtocolException.busy(
        "the answers of this connection that are under way or unread take "
            + now
            + " of the "
            + most
            + " bytes that it may have (server.connection-answer-bytes); read them before asking"
            + " for more, or ask for fewer rows at once",
        RETRY_MILLIS);
  }
}
