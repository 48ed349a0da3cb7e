package dev.nagare.server.stream;

import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A subscription: a place in a model's history, moved on by what is sent. A client that is slow, or
 * that gives credits sparingly, just stays behind; what the history has no more is counted, and the
 * next event tells how many. So it holds nothing, however far behind it is. For one thread.
 */
final class Cursor {
  /** Waits for whatever comes first. */
  static final long ANY = 0;

  private static final long UNLIMITED = Command.NONE;

  /** Where events go. */
  interface Outlet {
    /** Whether an event may be sent now. */
    boolean hasRoom();

    /** Sends a frame. */
    void send(String frame);
  }

  private final History history;
  private final Outlet outlet;
  private final LongConsumer missing;
  private long next;
  private long credits;
  private long missed;

  /**
   * Creates a subscription.
   *
   * @param missing told how many events are missed, as soon as that is certain
   * @param next number of the first event wanted, or {@link #ANY}
   * @param credits how many events it takes until it gives more; {@link Command#NONE} for any
   *     number
   */
  Cursor(History history, Outlet outlet, LongConsumer missing, long next, long credits) {
    this.history = history;
    this.outlet = outlet;
    this.missing = missing;
    this.next = next;
    this.credits = credits;
  }

  /** Whether it goes by credits. */
  boolean isLimited() {
    return credits != UNLIMITED;
  }

  /** Takes so many events more. */
  void credit(long events) {
    long sum = credits + events;
    credits = sum < 0 ? Long.MAX_VALUE : sum;
  }

  /** Sends what there is, and room and credits for. */
  void advance() {
    while (step()) {}
  }

  /** Sends one event, if there is one, and room and credits for it; says whether it did. */
  boolean step() {
    History.@Nullable Entry entry = history.from(next);
    if (entry == null) {
      return false;
    }
    if (next != ANY && entry.number() > next) {
      missed += entry.number() - next;
      missing.accept(entry.number() - next);
    }
    next = entry.number();
    if (credits == 0 || !outlet.hasRoom()) {
      return false;
    }
    outlet.send(missed == 0 ? entry.frame() : Frames.withMissed(entry.frame(), missed));
    missed = 0;
    next++;
    if (credits != UNLIMITED) {
      credits--;
    }
    return true;
  }

  /** Sends how the model is, which is out of date a second later, if there is room. */
  void status(String frame) {
    if (outlet.hasRoom()) {
      outlet.send(frame);
    }
  }
}
