package dev.nagare.streaming.batch;

import dev.nagare.streaming.Terms;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What waits, in order, and whose turn it is.
 *
 * <ul>
 *   <li>Classes: the highest that has something waiting, unless a lower one is owed lane time. A
 *       lower class that waits while others run earns its {@link #SHARES share} of their time, and
 *       is next as soon as it has earned anything; what it takes itself is subtracted. Who waits
 *       for nothing earns nothing, so no claim grows from idle times. The last class earns nothing
 *       at all, and has one question in a batch.
 *   <li>Within a class: the more urgent, then the earlier due, then the earlier here.
 *   <li>A batch is of one class, one model and one {@link Question#kind kind}, in that order, up to
 *       the first that does not fit: in rows, in the time that the model's target leaves, or
 *       because the most urgent of the batch would be late. A question that cannot be answered
 *       {@linkplain Question#together together} with others is a batch of its own.
 * </ul>
 *
 * <p>What could not be answered in time any more is set apart instead of being computed.
 *
 * <p>For one thread at a time. Times are the batcher's; nothing here reads a clock.
 */
final class Schedule {
  /** No deadline is known. */
  static final long NEVER = Long.MAX_VALUE;

  /**
   * Least shares of lane time of the classes while they wait: 1/n. The first has what is left, the
   * last nothing but what nobody else wants.
   */
  private static final int[] SHARES = {1, 8, 16, Integer.MAX_VALUE};

  private static final int LEAST_COST = 16;

  private static final int CLASSES = Terms.Priority.values().length;
  private static final int LAST = CLASSES - 1;

  private final int maxBatchRows;
  private final List<List<Bucket>> buckets = new ArrayList<>();
  private final long[] earned = new long[CLASSES];
  private final Heap deadlines = new Heap(Question.BY_DEADLINE);
  private long turns;
  private @Nullable Bucket spare;

  /** Questions of one kind. */
  private static final class Bucket {
    final Heap heap = new Heap(Question.BY_TURN);
    @Nullable Line line;
    @Nullable Object kind;

    boolean takes(Question question) {
      return line == question.line() && question.kind().equals(kind);
    }
  }

  Schedule(int maxBatchRows) {
    this.maxBatchRows = maxBatchRows;
    for (int i = 0; i < CLASSES; i++) {
      buckets.add(new ArrayList<>());
    }
  }

  /** Whether nothing is in order, waiting or gone. */
  boolean isEmpty() {
    for (int i = 0; i < CLASSES; i++) {
      if (!buckets.get(i).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /** How many lines there are, each of which is looked at when a batch is taken. */
  int lines() {
    return buckets.stream().mapToInt(List::size).sum();
  }

  /** How many questions of a line wait. */
  int waiting(Line line) {
    int waiting = 0;
    for (List<Bucket> ofClass : buckets) {
      for (Bucket bucket : ofClass) {
        waiting += bucket.line == line ? bucket.heap.waiting() : 0;
      }
    }
    return waiting;
  }

  /** Puts a question in its place. */
  void add(Question question) {
    question.turn(turns++);
    List<Bucket> ofClass = buckets.get(question.priority().place());
    Bucket home = null;
    for (int i = 0; home == null && i < ofClass.size(); i++) {
      Bucket bucket = ofClass.get(i);
      home = bucket.takes(question) ? bucket : null;
    }
    if (home == null) {
      home = spare == null ? new Bucket() : spare;
      spare = null;
      home.line = question.line();
      home.kind = question.kind();
      ofClass.add(home);
    }
    home.heap.add(question);
    if (question.limited()) {
      deadlines.add(question);
    }
  }

  /**
   * Takes the next batch.
   *
   * @param mostNanos what it may cost; nothing is taken if the first question costs more, or if
   *     nobody knows what it costs. {@link #NEVER} for any cost, known or not
   * @param batch gets the questions, which are taken
   * @param late gets those that nobody can answer in time any more, which are given up
   */
  void next(long now, long mostNanos, List<Question> batch, List<Question> late) {
    // Once, unless a caller leaves between two looks at the same question.
    while (batch.isEmpty()) {
      Bucket from = turn(now, late);
      if (from == null || !affords(from, mostNanos)) {
        return;
      }
      fill(from, now, mostNanos, batch, late);
    }
  }

  private static boolean affords(Bucket bucket, long mostNanos) {
    Question first = bucket.heap.first();
    if (mostNanos == NEVER || first == null) {
      return true;
    }
    long nanos = first.line().cost().nanos(first.work());
    return nanos > 0 && nanos <= mostNanos;
  }

  /** The bucket whose turn it is; its first can be answered in time. Null if nothing waits. */
  private @Nullable Bucket turn(long now, List<Question> late) {
    Bucket chosen = null;
    int owed = -1;
    for (int c = 0; c < CLASSES; c++) {
      Bucket first = first(c, now, late);
      if (first == null) {
        earned[c] = 0;
      } else if (chosen == null || (earned[c] > 0 && (owed < 0 || earned[c] > earned[owed]))) {
        owed = chosen == null ? -1 : c;
        chosen = first;
      }
    }
    return chosen;
  }

  /** The bucket of a class that has the first question; empty ones are put away. */
  private @Nullable Bucket first(int c, long now, List<Question> late) {
    List<Bucket> ofClass = buckets.get(c);
    Bucket chosen = null;
    Question first = null;
    for (int i = ofClass.size() - 1; i >= 0; i--) {
      Bucket bucket = ofClass.get(i);
      Question head = inTime(bucket.heap, now, late);
      if (head == null) {
        putAway(ofClass, i);
      } else if (first == null || Question.BY_TURN.compare(head, first) < 0) {
        first = head;
        chosen = bucket;
      }
    }
    return chosen;
  }

  private void putAway(List<Bucket> ofClass, int at) {
    Bucket bucket = ofClass.get(at);
    Bucket last = ofClass.removeLast();
    if (last != bucket) {
      ofClass.set(at, last);
    }
    bucket.line = null;
    bucket.kind = null;
    spare = bucket;
  }

  /** The first of a heap that waits and can be answered in time. */
  private static @Nullable Question inTime(Heap heap, long now, List<Question> late) {
    for (Question head = heap.first(); head != null; head = heap.first()) {
      long cost = head.tried() ? 0 : head.line().cost().nanos(head.work());
      if (!head.limited() || head.due() - now >= cost) {
        return head;
      }
      heap.remove();
      if (head.giveUp()) {
        late.add(head);
      }
    }
    return null;
  }

  /**
   * When a batch with this question is to end: at its aim. If that has passed, or nearly, the batch
   * may still take as long as two of the question alone, if that is before its deadline: else all
   * behind it would wait for a run of one.
   */
  private static long end(Question question, long now) {
    long alone = question.line().cost().nanos(question.work());
    return Math.min(question.due(), Math.max(question.aim(), now + 2 * alone));
  }

  private void fill(
      Bucket from, long now, long mostNanos, List<Question> batch, List<Question> late) {
    long rows = 0;
    long work = 0;
    long tightest = NEVER;
    long most = 0;
    Line line = null;
    for (Question next = inTime(from.heap, now, late);
        next != null;
        next = inTime(from.heap, now, late)) {
      line = next.line();
      long due = next.limited() && !next.tried() ? Math.min(tightest, end(next, now)) : tightest;
      if (batch.isEmpty()) {
        most = line.batchWork(next.patienceNanos());
      } else if (!next.together()
          || next.priority().place() == LAST // so that who comes waits for one at most
          || rows + next.rows() > maxBatchRows
          || work + next.work() > most
          || line.cost().nanos(work + next.work()) > mostNanos
          || (due != NEVER && now + line.cost().nanos(work + next.work()) > due)) {
        break;
      }
      from.heap.remove();
      if (next.take()) {
        batch.add(next);
        rows += next.rows();
        work += next.work();
        tightest = due;
      }
    }
    if (line != null && !batch.isEmpty()) {
      int taker = batch.getFirst().priority().place();
      account(taker, line.cost().nanos(work));
      if (from.heap.isEmpty()) {
        List<Bucket> ofClass = buckets.get(taker);
        putAway(ofClass, ofClass.indexOf(from));
      }
    }
  }

  /** Writes down what a class takes, for those that wait meanwhile. */
  private void account(int taker, long nanos) {
    long cost = Math.max(LEAST_COST, nanos);
    boolean fromHigher = false;
    for (int c = 0; c < CLASSES; c++) {
      if (c != taker && !buckets.get(c).isEmpty()) {
        earned[c] += c == 0 || c == LAST ? 0 : cost / SHARES[c];
        fromHigher |= c < taker;
      }
    }
    if (fromHigher) {
      earned[taker] += cost / SHARES[taker] - cost;
    } else if (earned[taker] > 0) {
      earned[taker] = Math.max(0, earned[taker] - cost); // time that nobody else wanted is no debt
    }
  }

  /** Gives up all that waits of a class. */
  void giveUp(Terms.Priority given, List<Question> gone) {
    List<Bucket> ofClass = buckets.get(given.place());
    for (int i = ofClass.size() - 1; i >= 0; i--) {
      Heap heap = ofClass.get(i).heap;
      for (Question first = heap.first(); first != null; first = heap.first()) {
        heap.remove();
        if (first.giveUp()) {
          gone.add(first);
        }
      }
      putAway(ofClass, i);
    }
  }

  /**
   * Gives up what waits beyond its deadline.
   *
   * @return the next deadline; {@link #NEVER} if there is none
   */
  long expire(long now, List<Question> late) {
    for (Question first = deadlines.first(); first != null; first = deadlines.first()) {
      if (first.due() > now) {
        return first.due();
      }
      deadlines.remove();
      if (first.giveUp()) {
        late.add(first);
      }
    }
    return NEVER;
  }
}
