package dev.nagare.streaming.batch;

import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.Terms;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the requests of all doors meet: a bounded queue, and lanes that take from it.
 *
 * <p>Work-conserving: an idle lane takes at once what waits, up to a batch, and nobody waits for a
 * batch to fill. Batches therefore grow under load only. What is taken next, and with what, is
 * {@link Schedule}'s to say. What does not fit in the queue, or would be too late, is refused at
 * the door, by {@link Admission}; a caller who leaves and a deadline that passes empty their place
 * at once.
 *
 * <p>Doors put questions into a queue without locks, from which whoever is at it puts them in
 * order: see {@link Order}. Safe for any number of doors. Doors never block.
 */
public final class Batcher implements AutoCloseable {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private final Limits limits;
  private final StreamingObserver told;
  private final LongSupplier nanoTime;
  private final long origin;
  private final List<Lane> lanes = new ArrayList<>();
  private final Admission admission;
  private final Order order;
  private final Deadlines deadlines = new Deadlines(this::expire, this::now);
  private final Consumer<Question> whenLeft = this::left;
  private final List<Question> overdue = new ArrayList<>(); // of the thread for deadlines

  /** The doors' thread, if it lends itself. */
  private volatile @Nullable DoorLane doorLane;

  /**
   * What a batcher has.
   *
   * @param lanes compute threads, 1 or more
   * @param maxBatchRows most rows in a batch
   * @param queueRows most rows of a class that wait
   * @param targetNanos what waiting and computing are meant to take at the 99th percentile, of
   *     models that do not say otherwise
   */
  public record Limits(int lanes, int maxBatchRows, int queueRows, long targetNanos) {
    /** A second. */
    public static final long DEFAULT_TARGET_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Checks the numbers. */
    public Limits {
      if (lanes < 1 || maxBatchRows < 1 || queueRows < 1 || targetNanos < 1) {
        throw new IllegalArgumentException(
            "batcher: expected at least 1 lane, batch row, queue row and nanosecond, got "
                + List.of(lanes, maxBatchRows, queueRows, targetNanos));
      }
    }

    /** With the target that there is unless configured. */
    public static Limits of(int lanes, int maxBatchRows, int queueRows) {
      return new Limits(lanes, maxBatchRows, queueRows, DEFAULT_TARGET_NANOS);
    }
  }

  /**
   * Starts the lanes.
   *
   * @param threads makes lane threads
   */
  public Batcher(Limits limits, ThreadFactory threads, StreamingObserver told) {
    this(limits, threads, told, System::nanoTime);
  }

  /** With a clock, of which deadlines are readings. */
  Batcher(Limits limits, ThreadFactory threads, StreamingObserver told, LongSupplier nanoTime) {
    this.limits = limits;
    this.told = told;
    this.nanoTime = nanoTime;
    this.origin = nanoTime.getAsLong();
    this.admission = new Admission(limits.queueRows(), lanes);
    long rows = (long) admission.classes() * limits.queueRows();
    this.order = new Order(rows, limits.maxBatchRows(), this::now, this::wakeOne);
    for (int i = 0; i < limits.lanes(); i++) {
      lanes.add(new Lane(this, limits.maxBatchRows(), told));
    }
    lanes.forEach(lane -> lane.start(threads));
    deadlines.start();
  }

  /**
   * Lets the thread of the doors compute what is quickly done, and wake lanes once for all that it
   * asks in one go. Until the batcher is closed.
   *
   * @param thread of the doors
   * @param afterwards runs tasks on that thread, after what it is at
   */
  public void lend(Thread thread, Executor afterwards) {
    doorLane = new DoorLane(this, limits.maxBatchRows(), told, thread, afterwards);
  }

  /** Nanoseconds since this batcher was made: unlike the system's readings they can be compared. */
  long now() {
    return nanoTime.getAsLong() - origin;
  }

  /** Most rows in one request. */
  int queueRows() {
    return limits.queueRows();
  }

  /** A line for a model with the batcher's own target. */
  Line line(ServedModel model) {
    return line(model, limits.targetNanos(), new CostModel());
  }

  /** A line for a model with a target of its own, whose batches cost what is known there. */
  Line line(ServedModel model, long targetNanos, CostModel cost) {
    return new Line(model, targetNanos, limits.maxBatchRows(), cost);
  }

  /** Rows that wait now, of all classes. */
  int waitingRows() {
    return admission.waitingRows();
  }

  /** Lane time that waits now, of all classes; 0 when nothing does. */
  long waitingNanos() {
    return admission.waitingNanos();
  }

  /** Questions of a line that wait now, counted when asked: for who asks seldom and may wait. */
  int waiting(Line line) {
    return order.waiting(line);
  }

  // The doors' side.

  /**
   * Hands a question to the lanes. If it is refused, it is still the caller's.
   *
   * @throws Refused with the reason: the queue is full, the answer would be too late, the server is
   *     stopping
   */
  void submit(Question question, Line line, Terms terms) {
    if (admission.room(terms.priority()).closed()) {
      throw Admission.stopping();
    }
    long now = now();
    long due = terms.limited() ? terms.deadlineNanos() - origin : now + line.targetNanos();
    DoorLane door = doors(terms);
    if (door != null) {
      question.askedByDoors();
    }
    long cost = admission.enter(question, line, terms, due, now, whenLeft);
    if (!order.offer(question)) {
      makeRoom(question);
      throw Refused.busy(Refused.QUEUE_FULL, "busy: too many callers at once; try again later", 0);
    }
    // Either this thread sees that a lane has announced its sleep, or that lane sees the question;
    // and the same of the thread that waits for deadlines.
    VarHandle.fullFence();
    if (door == null || !door.asked(cost)) {
      wakeOne();
    }
    if (question.limited()) {
      deadlines.expect(due);
    }
  }

  /**
   * The doors' thread, if this is it and a caller waits; copies for a shadow are not its affair.
   */
  private @Nullable DoorLane doors(Terms terms) {
    DoorLane door = doorLane;
    boolean its = door != null && terms.priority() == Terms.Priority.INTERACTIVE && door.isHere();
    return its ? door : null;
  }

  void wakeOne() {
    for (int i = 0; i < lanes.size(); i++) {
      if (lanes.get(i).wakeIfAsleep()) {
        return;
      }
    }
  }

  // The end of waiting.

  /** A question does not wait any more: its room is there for others at once. */
  private void makeRoom(Question question) {
    admission.leave(question);
    if (isDrained()) {
      lanes.forEach(Lane::wake); // that was the last one
    }
  }

  /** The caller of a question has left, which was given up. */
  private void left(Question question) {
    giveBack(question, new Refused(499, Refused.CANCELLED, "the caller left"));
  }

  private void giveBack(Question question, Refused why) {
    makeRoom(question);
    told.refused(question.model().name(), why.reason());
    question.fail(why.asProtocol());
  }

  private void tooLate(List<Question> late) {
    if (late.isEmpty()) {
      return;
    }
    long now = now();
    for (int i = 0; i < late.size(); i++) {
      Question question = late.get(i);
      giveBack(
          question,
          new Refused(
              504,
              Refused.DEADLINE_PASSED,
              (question.due() <= now
                      ? "the deadline passed in the queue, after "
                      : "no answer is possible before the deadline any more, after ")
                  + (System.nanoTime() - question.queuedNanos()) / MILLI
                  + " ms in the queue"));
    }
    late.clear();
  }

  /**
   * Moves the next batch into the list, which stays empty if nothing waits or another thread is at
   * it.
   *
   * @param mostNanos what the batch may cost, see {@link Schedule#next}
   * @param late an empty list, for use here
   */
  void take(long mostNanos, List<Question> batch, List<Question> late) {
    if (!order.take(mostNanos, batch, late)) {
      return; // the other one takes what there is; the caller looks again before it sleeps
    }
    if (mostNanos == Schedule.NEVER && hasWork()) {
      wakeOne();
    }
    for (int i = 0; i < batch.size(); i++) {
      makeRoom(batch.get(i));
    }
    tooLate(late);
  }

  /** Gives up what is overdue; returns the next deadline. */
  private long expire(long now) {
    long next = order.expire(now, overdue);
    tooLate(overdue);
    return next;
  }

  // The lanes' side.

  /** Whether a lane has something to take. */
  boolean hasWork() {
    return order.hasWork();
  }

  /**
   * Gives callers their answers: those who asked on the thread of the doors are told there, all in
   * one go, so that it wakes up once for a batch.
   */
  void tell(List<Question> batch) {
    DoorLane door = doorLane;
    if (door == null || !door.tell(batch)) {
      batch.forEach(Question::tell);
    }
  }

  /** Whether lanes should end: nothing is admitted any more and nothing waits. */
  boolean isDrained() {
    return admission.closedAndEmpty();
  }

  /**
   * Refuses interactive requests from now on, and those that wait: callers get 503. What a lane has
   * begun is finished; other classes go on.
   */
  public void giveUpInteractive() {
    Room room = admission.room(Terms.Priority.INTERACTIVE);
    room.close();
    List<Question> gone = new ArrayList<>();
    // Who entered before the room was closed may still be on the way into the queue.
    while (!room.closedAndEmpty()) {
      order.giveUp(Terms.Priority.INTERACTIVE, gone);
      gone.forEach(question -> giveBack(question, Admission.stopping()));
      gone.clear();
      if (!room.closedAndEmpty()) {
        LockSupport.parkNanos(this, Order.PATIENCE_NANOS);
      }
    }
  }

  /** Refuses what comes from now on, answers what waits, ends the lanes. */
  @Override
  public void close() {
    admission.close();
    DoorLane door = doorLane;
    if (door != null) {
      door.close();
    }
    lanes.forEach(Lane::wake);
    lanes.forEach(Lane::join);
    deadlines.end();
  }
}
