package dev.nagare.streaming.join;

import dev.nagare.streaming.StreamingConfig.Joining;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The predictions that a label may still be about: those that wait for theirs, and, without their
 * content, those that have it. Bounded in number, bytes and time, all of it in the order of the
 * log: what is forgotten is always the oldest, so that one offset says which are.
 *
 * <p>Time is that of the records whose turn it was, less the wait: what was only read ahead does
 * not move it. For one thread.
 */
final class Remembered {
  private final Joining limits;
  private final ArrayDeque<Prediction> order = new ArrayDeque<>();
  private final Map<Long, Prediction> byOffset = new HashMap<>();
  private final Set<Long> joinedBefore;
  private long floor;
  private long next;
  private long bytes;
  private int waiting;
  private long newest = Long.MIN_VALUE;

  /** A prediction that is remembered. */
  static final class Prediction {
    final long offset;
    final long timestampMillis;

    /** Offset in the examples' topic before which no example of this prediction is. */
    final long examplesFrom;

    /** The principal that asked for it; empty if it had no name. */
    final String owner;

    /** The record; null once it has its label. */
    byte @Nullable [] value;

    Prediction(
        long offset,
        long timestampMillis,
        long examplesFrom,
        String owner,
        byte @Nullable [] value) {
      this.offset = offset;
      this.timestampMillis = timestampMillis;
      this.examplesFrom = examplesFrom;
      this.owner = owner;
      this.value = value;
    }
  }

  /**
   * Remembers nothing yet.
   *
   * @param from offset before which predictions are forgotten
   * @param joinedBefore offsets of predictions that have their label, from an earlier life
   */
  Remembered(Joining limits, long from, Set<Long> joinedBefore) {
    this.limits = limits;
    this.floor = from;
    this.next = from;
    this.joinedBefore = joinedBefore;
  }

  /** Adds the next prediction of the log. */
  void add(long offset, long timestampMillis, long examplesFrom, String owner, byte[] value) {
    boolean joined = joinedBefore.remove(offset);
    // Most predictions in a row are one principal's: its name is kept once.
    String same =
        !order.isEmpty() && order.getLast().owner.equals(owner) ? order.getLast().owner : owner;
    var prediction =
        new Prediction(offset, timestampMillis, examplesFrom, same, joined ? null : value);
    order.addLast(prediction);
    byOffset.put(offset, prediction);
    if (!joined) {
      bytes += value.length;
      waiting++;
    }
  }

  /** The log was read up to an offset. */
  void readTo(long position) {
    next = position;
    if (order.isEmpty()) {
      floor = position;
    }
  }

  /** Time has come to this. */
  void time(long timestampMillis) {
    newest = Math.max(newest, timestampMillis);
  }

  /**
   * Forgets what is beyond the limits.
   *
   * @return those that never got a label and whose time is over, oldest first
   */
  List<Prediction> forget() {
    List<Prediction> unlabelled = new ArrayList<>();
    while (!order.isEmpty() && isBeyond(order.getFirst())) {
      Prediction oldest = order.removeFirst();
      byOffset.remove(oldest.offset);
      byte[] value = oldest.value;
      if (value != null) {
        bytes -= value.length;
        waiting--;
        unlabelled.add(oldest);
      }
    }
    floor = order.isEmpty() ? next : order.getFirst().offset;
    return unlabelled;
  }

  private boolean isBeyond(Prediction oldest) {
    return order.size() > limits.most()
        || bytes > limits.mostBytes()
        || oldest.timestampMillis < newest - limits.patience().toMillis();
  }

  /** The prediction at an offset; null if none is remembered. */
  @Nullable Prediction find(long offset) {
    return byOffset.get(offset);
  }

  /** It has its label now. */
  void joined(Prediction prediction) {
    byte[] value = prediction.value;
    if (value != null) {
      bytes -= value.length;
      waiting--;
      prediction.value = null;
    }
  }

  /** Before this offset everything is forgotten. */
  long floor() {
    return floor;
  }

  /** Offset in the examples' topic from which it says who has a label. */
  long examplesFrom(long now) {
    return order.isEmpty() ? now : order.getFirst().examplesFrom;
  }

  /** Predictions that wait for their label. */
  int waiting() {
    return waiting;
  }
}
