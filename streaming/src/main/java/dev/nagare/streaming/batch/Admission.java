package dev.nagare.streaming.batch;

import dev.nagare.streaming.Terms;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Who is let in: whether there is room for a question, and whether its answer is expected in time,
 * by what waits and what lanes are at.
 *
 * <p>Safe for any thread.
 */
final class Admission {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int CLASSES = Terms.Priority.values().length;

  private final Room[] rooms = new Room[CLASSES];
  private final Backlog backlog = new Backlog();
  private final List<Lane> lanes;

  /**
   * With nobody inside.
   *
   * @param queueRows most rows of a class that wait
   * @param lanes all there will be, asked how long they are still at work
   */
  Admission(int queueRows, List<Lane> lanes) {
    this.lanes = lanes;
    for (int i = 0; i < rooms.length; i++) {
      rooms[i] = new Room(queueRows);
    }
  }

  /** The classes of requests. */
  int classes() {
    return rooms.length;
  }

  /** What waits of a class. */
  Room room(Terms.Priority priority) {
    return rooms[priority.place()];
  }

  /** Rows that wait now, of all classes. */
  int waitingRows() {
    int rows = 0;
    for (Room room : rooms) {
      rows += room.rows();
    }
    return rows;
  }

  /** Lane time that waits now, of all classes; 0 when nothing does. */
  long waitingNanos() {
    long nanos = 0;
    for (int rank = 0; rank < Question.RANKS; rank++) {
      nanos += backlog.all(rank);
    }
    return nanos;
  }

  /**
   * Lets a question in, until {@link #leave}.
   *
   * @param whenLeft told if its caller leaves
   * @return the lane time that it is expected to take
   * @throws Refused with the reason: the queue is full, the answer would be too late, the server is
   *     stopping
   */
  long enter(
      Question question, Line line, Terms terms, long due, long now, Consumer<Question> whenLeft) {
    Room room = room(terms.priority());
    boolean tried = !inTime(question, line, terms, now, due);
    question.ask(line, terms, due, now, tried, whenLeft);
    switch (room.enter(question.rows())) {
      case FULL ->
          throw Refused.busy(
              Refused.QUEUE_FULL,
              "busy: " + room.rows() + " rows wait, at most " + room.limit() + "; try again later",
              millis(waitNanos(aheadNanos(question.rank(), Schedule.NEVER, now), now)));
      case CLOSED -> throw stopping();
      case ENTERED -> {}
    }
    long cost = line.shareNanos(question.rows(), question.work(), question.patienceNanos());
    question.counts(backlog.add(question.rank(), due, now, cost), cost);
    return cost;
  }

  /** A question does not wait any more: its room is there for others at once. */
  void leave(Question question) {
    backlog.remove(question.backlogAt(), question.costNanos());
    room(question.priority()).leave(question.rows());
  }

  /** Lets nothing in any more. */
  void close() {
    for (Room room : rooms) {
      room.close();
    }
  }

  /** Whether nothing is inside and nothing can come. */
  boolean closedAndEmpty() {
    for (Room room : rooms) {
      if (!room.closedAndEmpty()) {
        return false;
      }
    }
    return true;
  }

  static Refused stopping() {
    return new Refused(503, Refused.NOT_READY, "the server is stopping");
  }

  /**
   * Whether the answer is expected in time.
   *
   * @return false if it is not, but nobody knows for sure, since the model has not run for a while:
   *     then it is tried
   * @throws Refused if it is not
   */
  private boolean inTime(Question question, Line line, Terms terms, long now, long due) {
    long cost = line.cost().nanos(question.work());
    if (terms.limited() && due <= now) {
      throw new Refused(504, Refused.DEADLINE_PASSED, "the deadline passed before the door");
    }
    if (cost == 0) {
      return true; // nothing is known
    }
    if (terms.limited()) {
      long alone = cost + (long) (cost * line.cost().deviation());
      long ahead = aheadNanos(Question.rank(terms), due, now);
      long wait = waitNanos(ahead, now);
      // With nobody before it there is nothing to plan: it begins now.
      long left = due - now;
      long patience = wait == 0 ? left : Question.patienceNanos(due, now);
      // Behind others it is computed together with more that come: then the batch is a full one.
      long batch =
          ahead == 0
              ? alone
              : Math.max(alone, line.fullNanos(question.rows(), question.work(), patience));
      long late = wait + batch - patience;
      if (late > 0 && !line.toBeTried(now)) {
        throw alone > left
            ? tooLate(line.model().name(), alone, left)
            : busy(wait + batch, left, patience, late);
      }
      return late <= 0;
    }
    if (terms.priority() == Terms.Priority.INTERACTIVE) {
      long wait = waitNanos(aheadNanos(Question.rank(terms), Schedule.NEVER, now), now);
      long patience = line.patienceNanos(question.work());
      if (wait > patience) {
        throw Refused.busy(
            Refused.OVER_TARGET,
            "busy: an answer would take about "
                + millis(wait + cost)
                + " ms, which is over the target of "
                + line.targetNanos() / MILLI
                + " ms (compute.target-p99-ms); try again later, or say how long you can wait",
            millis(wait - patience));
      }
    }
    return true;
  }

  private static Refused tooLate(String model, long alone, long left) {
    return Refused.busy(
        Refused.DEADLINE_AT_DOOR,
        "too late: model "
            + model
            + " needs "
            + millis(alone)
            + " ms for it, the deadline is in "
            + left / MILLI
            + " ms",
        0);
  }

  private static Refused busy(long takes, long left, long patience, long late) {
    return Refused.busy(
        Refused.DEADLINE_AT_DOOR,
        "busy: an answer would take about "
            + millis(takes)
            + " ms, the deadline is in "
            + left / MILLI
            + " ms, of which "
            + patience / MILLI
            + " are planned with; try again later",
        millis(late));
  }

  private static long millis(long nanos) {
    return Math.ceilDiv(nanos, MILLI);
  }

  /** Lane time of what goes before a question of a rank and due time. */
  private long aheadNanos(int rank, long due, long now) {
    long ahead = backlog.dueBy(rank, due, now);
    for (int higher = 0; higher < rank; higher++) {
      ahead += backlog.all(higher);
    }
    return ahead;
  }

  /** How long a question waits for a lane that has so much before it. */
  private long waitNanos(long ahead, long now) {
    long running = 0;
    long least = Long.MAX_VALUE;
    for (int i = 0; i < lanes.size(); i++) {
      long left = lanes.get(i).leftNanos(now);
      running += left;
      least = Math.min(least, left);
    }
    return ahead == 0 ? least : (ahead + running) / lanes.size();
  }
}
