package dev.nagare.streaming.batch;

import dev.nagare.models.inference.InferenceModel;
import dev.nagare.streaming.Journey;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.tensor.Tensor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request that was checked and waits for a lane.
 *
 * <p>The door makes it and queues it. From then on it belongs to whoever is first to end its
 * waiting, by {@link #take} or {@link #giveUp}: a lane that answers it, the caller who leaves, the
 * deadline. Only that one touches its memory.
 */
public final class Question implements Terms.Waiting {
  /** Urgencies that are told apart: before the usual, the usual, after it. */
  private static final int URGENCIES = 3;

  /** Ranks, from 0: what has a lower one goes first. */
  static final int RANKS = Terms.Priority.values().length * URGENCIES;

  /** Who goes first in a class: the more urgent, then the earlier due, then the earlier here. */
  static final Comparator<Question> BY_TURN =
      (a, b) -> {
        int order = Integer.compare(a.rank, b.rank);
        order = order != 0 ? order : Long.compare(a.due, b.due);
        return order != 0 ? order : Long.compare(a.turn, b.turn);
      };

  /** Whose deadline comes first. */
  static final Comparator<Question> BY_DEADLINE = (a, b) -> Long.compare(a.due, b.due);

  /** A part in so many of a caller's time is for the ways in and out, and for surprises. */
  private static final int RESERVE = 8;

  private static final int WAITING = 0;
  private static final int TAKEN = 1;
  private static final int GONE = 2;
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Question.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ServedModel model;
  private final List<Tensor> inputs;
  private final InferenceModel.Size size;
  private final @Nullable String id;
  private final InferenceRequest request;
  private final CompletableFuture<InferenceResponse> answer = new CompletableFuture<>();
  private final long queuedNanos = System.nanoTime();
  private boolean released;
  private @Nullable InferenceResponse response;
  private volatile int state;

  // Set at the door, before anybody else sees it.
  private @Nullable Consumer<Question> whenLeft;
  private @Nullable Line line;
  private @Nullable Journey journey;
  private Terms.Priority priority = Terms.Priority.INTERACTIVE;
  private int rank;
  private boolean limited;
  private boolean tried;
  private boolean ofDoors;
  private long due;
  private long asked;
  private long patienceNanos;
  private long costNanos;
  private int backlogAt;

  // Set when it is put in order.
  private long turn;

  /**
   * Creates a question.
   *
   * @param model that is to answer
   * @param inputs in the model's order, in the request's memory
   * @param size what it is to a batch
   * @param id for the answer
   * @param request closed by the lane, once it has copied the inputs
   */
  Question(
      ServedModel model,
      List<Tensor> inputs,
      InferenceModel.Size size,
      @Nullable String id,
      InferenceRequest request) {
    this.model = model;
    this.inputs = inputs;
    this.size = size;
    this.id = id;
    this.request = request;
  }

  ServedModel model() {
    return model;
  }

  List<Tensor> inputs() {
    return inputs;
  }

  int rows() {
    return size.rows();
  }

  long work() {
    return size.work();
  }

  Object kind() {
    return size.kind();
  }

  /** Whether others of its kind can be answered in the same run. */
  boolean together() {
    return size.together();
  }

  @Nullable String id() {
    return id;
  }

  InferenceRequest request() {
    return request;
  }

  /** Completed by whoever ends it, or by the thread of the doors if that asked. */
  CompletableFuture<InferenceResponse> answer() {
    return answer;
  }

  /** {@link System#nanoTime()} at the door. */
  long queuedNanos() {
    return queuedNanos;
  }

  // The door's part.

  /**
   * Puts it under terms.
   *
   * @param due by the batcher's clock: when it is to be answered: its deadline if it is limited,
   *     else what is aimed at
   * @param now by the batcher's clock
   * @param tried whether it goes to a lane even if it seems to be too late
   * @param told of it if its caller has left while it waited
   */
  void ask(Line on, Terms terms, long due, long now, boolean tried, Consumer<Question> told) {
    this.whenLeft = told;
    this.line = on;
    this.journey = terms.journey();
    this.priority = terms.priority();
    this.rank = rank(terms);
    this.limited = terms.limited();
    this.due = due;
    this.asked = now;
    this.patienceNanos = limited ? patienceNanos(due, now) : due - now;
    this.tried = tried;
  }

  /** Class and urgency in one number. */
  static int rank(Terms terms) {
    int urgency = terms.urgency();
    int place = urgency == 1 ? 0 : urgency == 0 ? 1 : 2;
    return terms.priority().place() * URGENCIES + place;
  }

  /** It was asked by the thread of the doors, which is to have the answer. */
  void askedByDoors() {
    ofDoors = true;
  }

  boolean isOfDoors() {
    return ofDoors;
  }

  /** Remembers what it stands for in the backlog. */
  void counts(int at, long nanos) {
    backlogAt = at;
    costNanos = nanos;
  }

  Line line() {
    Line on = line;
    if (on == null) {
      throw new IllegalStateException("question: not asked yet");
    }
    return on;
  }

  Terms.Priority priority() {
    return priority;
  }

  int rank() {
    return rank;
  }

  /** Whether {@link #due} is a deadline. */
  boolean limited() {
    return limited;
  }

  boolean tried() {
    return tried;
  }

  long due() {
    return due;
  }

  /** What of the time until it is due may be spent here: its caller's clock has begun before. */
  static long patienceNanos(long due, long now) {
    long left = Math.max(0, due - now);
    return left - left / RESERVE;
  }

  /** How long it may wait and be computed, from the moment at which it came. */
  long patienceNanos() {
    return patienceNanos;
  }

  /** When its batch is to end, so that the answer is there when it is due. */
  long aim() {
    return asked + patienceNanos;
  }

  int backlogAt() {
    return backlogAt;
  }

  long costNanos() {
    return costNanos;
  }

  void turn(long number) {
    turn = number;
  }

  // The end of waiting.

  /** Whether nobody has taken it or given it up. */
  boolean waits() {
    return state == WAITING;
  }

  /** Takes it for a lane; false if it does not wait any more. */
  boolean take() {
    return STATE.compareAndSet(this, WAITING, TAKEN);
  }

  /** Gives it up, because its deadline has passed or its caller left; false as above. */
  boolean giveUp() {
    return STATE.compareAndSet(this, WAITING, GONE);
  }

  @Override
  public void callerLeft() {
    Consumer<Question> told = whenLeft;
    if (told != null && giveUp()) {
      told.accept(this);
    }
  }

  /** Gives the request's memory back, once; the inputs are gone then. */
  void release() {
    if (!released) {
      released = true;
      request.close();
    }
  }

  /**
   * Tells whoever follows it, before it is answered.
   *
   * @param taken by its lane, as {@link System#nanoTime()} reads
   * @param began to compute
   * @param ended computing
   * @param questions in its batch
   * @param rows in its batch
   */
  void computed(long taken, long began, long ended, int questions, int rows) {
    Journey told = journey;
    if (told != null) {
      told.computed(new Journey.Stations(queuedNanos, taken, began, ended, questions, rows));
    }
  }

  /** Answers it; the caller is told by {@link #tell}. */
  void answered(InferenceResponse by) {
    response = by;
  }

  /** Gives the caller its answer, if there is one. */
  void tell() {
    InferenceResponse by = response;
    if (by != null) {
      answer.complete(by);
    }
  }

  /** Fails the caller, unless it has its answer. */
  void fail(Throwable failure) {
    release();
    tell();
    answer.completeExceptionally(failure);
  }
}
