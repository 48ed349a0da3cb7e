package dev.nagare.streaming.batch;

import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.Terms;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jctools.queues.MpscArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Where the requests of all doors meet: a bounded queue, and lanes that take from it.
 *
 * <p>Work-conserving: an idle lane takes at once what waits, up to a batch, and nobody waits for a
 * batch to fill. Batches therefore grow under load only. What is taken next, and with what, is
 * {@link Schedule}'s to say. What does not fit in the queue, or would be too late, is refused at
 * the door; a caller who leaves and a deadline that passes empty their place at once.
 *
 * <p>Doors put questions into a queue without locks, from which whoever holds the flag {@link
 * #taking} puts them in order. Safe for any number of doors. Doors never block.
 */
public final class Batcher implements AutoCloseable {
  private static final int SPINS = 256;
  private static final int MOST_TRIES = 4096;

  /** Places between the doors and the order; what is in order has none. */
  private static final int MOST_PLACES = 1 << 16;

  private static final int LEAST_PLACES = 1 << 8;

  private static final long PATIENCE_NANOS = 20_000;
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int CLASSES = Terms.Priority.values().length;

  private final Limits limits;
  private final StreamingObserver told;
  private final LongSupplier nanoTime;
  private final long origin;
  private final MpscArrayQueue<Question> queue;
  private final Room[] rooms = new Room[CLASSES];
  private final Backlog backlog = new Backlog();
  private final List<Lane> lanes = new ArrayList<>();
  private final Deadlines deadlines = new Deadlines(this::expire, this::now);
  private final Consumer<Question> whenLeft = this::left;
  private final List<Question> overdue = new ArrayList<>(); // of the thread for deadlines

  // Its holder is the queue's one consumer and has the schedule. Held for as long as it takes to
  // move references, so that a lane sees what comes next before it takes it.
  private final AtomicBoolean taking = new AtomicBoolean();
  private final Schedule schedule;

  /** The doors' thread, if it lends itself. */
  private volatile @Nullable DoorLane doorLane;

  /** Whether the schedule has something; written by the flag's holder before it lets go. */
  private volatile boolean ordered;

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
    for (int i = 0; i < rooms.length; i++) {
      rooms[i] = new Room(limits.queueRows());
    }
    // Each question has a row, so this is room for all that may wait, if that is not very many.
    long places = (long) rooms.length * limits.queueRows();
    this.queue = new MpscArrayQueue<>(Math.clamp(places, LEAST_PLACES, MOST_PLACES));
    this.schedule = new Schedule(limits.maxBatchRows());
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
    return line(model, limits.targetNanos());
  }

  /** A line for a model with a target of its own. */
  Line line(ServedModel model, long targetNanos) {
    return new Line(model, targetNanos, limits.maxBatchRows());
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

  // The doors' side.

  /**
   * Hands a question to the lanes. If it is refused, it is still the caller's.
   *
   * @throws Refused with the reason: the queue is full, the answer would be too late, the server is
   *     stopping
   */
  void submit(Question question, Line line, Terms terms) {
    Room room = rooms[terms.priority().place()];
    if (room.closed()) {
      throw stopping();
    }
    long now = now();
    long due = terms.limited() ? terms.deadlineNanos() - origin : now + line.targetNanos();
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
    if (!queue.offer(question) && !offerAgain(question)) {
      makeRoom(question);
      throw Refused.busy(Refused.QUEUE_FULL, "busy: too many callers at once; try again later", 0);
    }
    // Either this thread sees that a lane has announced its sleep, or that lane sees the question;
    // and the same of the thread that waits for deadlines.
    VarHandle.fullFence();
    DoorLane door = doorLane;
    if (door == null || !door.asked(cost)) {
      wakeOne();
    }
    if (question.limited()) {
      deadlines.expect(due);
    }
  }

  private static Refused stopping() {
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
      long patience = Question.patienceNanos(due, now);
      long ahead = aheadNanos(Question.rank(terms), due, now);
      long wait = waitNanos(ahead, now);
      // Behind others it is computed together with more that come: then the batch is a full one.
      long batch = ahead == 0 ? cost : line.fullNanos(question.rows(), question.work(), patience);
      long late = wait + batch + (long) (cost * line.cost().deviation()) - patience;
      if (late > 0 && !line.toBeTried(now)) {
        throw tooLate(line.model().name(), cost, wait, due - now, late);
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

  private static Refused tooLate(String model, long cost, long wait, long left, long late) {
    String about = "an answer would take about " + millis(wait + cost) + " ms";
    String limit = ", the deadline is in " + left / MILLI + " ms; ";
    if (cost > left) {
      return Refused.busy(
          Refused.DEADLINE_AT_DOOR,
          "too late: " + about + limit + "model " + model + " needs " + millis(cost) + " ms for it",
          0);
    }
    return Refused.busy(
        Refused.DEADLINE_AT_DOOR, "busy: " + about + limit + "try again later", millis(late));
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
    backlog.remove(question.backlogAt(), question.costNanos());
    rooms[question.priority().place()].leave(question.rows());
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

  private void tooLate(List<Question> late, long now) {
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

  // The flag's holders.

  private boolean tryFlag() {
    for (int spins = 0; !taking.compareAndSet(false, true); spins++) {
      if (spins > SPINS) {
        return false;
      }
      Thread.onSpinWait();
    }
    return true;
  }

  /** Puts in order what the doors have queued. */
  private void order() {
    // Relaxed: a door that was stopped between claiming a place and filling it holds nobody up.
    for (Question next = queue.relaxedPoll(); next != null; next = queue.relaxedPoll()) {
      if (next.waits()) {
        schedule.add(next);
      }
    }
  }

  private void letGo() {
    ordered = !schedule.isEmpty();
    taking.set(false);
  }

  /**
   * Moves the next batch into the list, which stays empty if nothing waits or another thread is at
   * it.
   *
   * @param mostNanos what the batch may cost, see {@link Schedule#next}
   * @param late an empty list, for use here
   */
  void take(long mostNanos, List<Question> batch, List<Question> late) {
    if (!tryFlag()) {
      return; // the other one takes what there is; the caller looks again before it sleeps
    }
    long now = now();
    try {
      order();
      schedule.next(now, mostNanos, batch, late);
    } finally {
      letGo();
    }
    if (mostNanos == Schedule.NEVER && hasWork()) {
      wakeOne();
    }
    for (int i = 0; i < batch.size(); i++) {
      makeRoom(batch.get(i));
    }
    tooLate(late, now);
  }

  /** Gives up what is overdue; returns the next deadline. */
  private long expire(long now) {
    while (!tryFlag()) {
      LockSupport.parkNanos(this, PATIENCE_NANOS);
    }
    long next;
    try {
      order();
      next = schedule.expire(now, overdue);
    } finally {
      letGo();
    }
    wakeIfWork();
    tooLate(overdue, now);
    return next;
  }

  /**
   * Makes places in a queue that is full, of those who left above all, by putting in order what is
   * in it. Tries a few times, since whoever holds the flag meanwhile does the same.
   */
  private boolean offerAgain(Question question) {
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      if (tryFlag()) {
        try {
          order();
        } finally {
          letGo();
        }
        wakeIfWork();
      } else {
        Thread.onSpinWait();
      }
      if (queue.offer(question)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whoever is no lane and has put questions in order stands in for the doors that queued them: for
   * a moment a lane could see them neither in the queue nor in order, and fall asleep. Either this
   * thread sees the lane's announcement, or the lane sees {@link #ordered}: both are volatile.
   */
  private void wakeIfWork() {
    if (ordered) {
      wakeOne();
    }
  }

  // The lanes' side.

  /** Whether a lane has something to take. */
  boolean hasWork() {
    return ordered || !queue.isEmpty();
  }

  /** Whether lanes should end: nothing is admitted any more and nothing waits. */
  boolean isDrained() {
    for (Room room : rooms) {
      if (!room.closedAndEmpty()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Refuses interactive requests from now on, and those that wait: callers get 503. What a lane has
   * begun is finished; other classes go on.
   */
  public void giveUpInteractive() {
    Room room = rooms[Terms.Priority.INTERACTIVE.place()];
    room.close();
    List<Question> gone = new ArrayList<>();
    // Who entered before the room was closed may still be on the way into the queue.
    while (!room.closedAndEmpty()) {
      if (tryFlag()) {
        try {
          order();
          schedule.giveUp(Terms.Priority.INTERACTIVE, gone);
        } finally {
          letGo();
        }
        wakeIfWork();
        gone.forEach(question -> giveBack(question, stopping()));
        gone.clear();
      }
      if (!room.closedAndEmpty()) {
        LockSupport.parkNanos(this, PATIENCE_NANOS);
      }
    }
  }

  /** Refuses what comes from now on, answers what waits, ends the lanes. */
  @Override
  public void close() {
    for (Room room : rooms) {
      room.close();
    }
    DoorLane door = doorLane;
    if (door != null) {
      door.close();
    }
    lanes.forEach(Lane::wake);
    lanes.forEach(Lane::join);
    deadlines.end();
  }
}
