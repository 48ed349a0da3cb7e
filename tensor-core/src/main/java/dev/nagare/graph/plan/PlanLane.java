package dev.nagare.graph.plan;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.ThreadTime;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The frames of one lane: one for each plan of {@link Plans}.
 *
 * <p>One thread at a time asks for frames and runs them; the background adds and retires them
 * meanwhile.
 */
public final class PlanLane implements AutoCloseable {
  /** What parts must save at least of a run, as a part of it. */
  private static final int WORTH_IT = 32;

  /** So many decisions later the other way is tried. */
  private static final int TRIED_AGAIN = 31; // a prime: a batch may take the same number each time

  /** Less than this no run takes: a clock that seems to say so goes in large steps. */
  private static final long LEAST_NANOS = 1_000;

  private final Plans plans;
  private final Queue<Frame> retired = new ConcurrentLinkedQueue<>();
  private final ProcessMemory memory = new ProcessMemory("lane of plans");
  private @Nullable Tensor work; // guarded by this
  private volatile Ready[] ready = {};
  private volatile boolean closed;

  /** Of the lane alone: on an only processor the doors take it away in the middle of a run. */
  private final ThreadTime time = new ThreadTime();

  private @Nullable Ready asked; // of the lane's thread, as the next
  private int decisions;

  /** A frame of a plan. */
  private record Ready(PlanEntry entry, Frame frame) {}

  PlanLane(Plans plans) {
    this.plans = plans;
  }

  /**
   * The frame for so many rows, of the best bucket that is ready; it is the caller's until the next
   * call. The caller fills the first rows of its inputs.
   *
   * @throws TensorException kind MISMATCH if there are more than the plans were made for
   */
  public Frame frame(long rows) {
    for (Frame old = retired.poll(); old != null; old = retired.poll()) {
      old.close();
    }
    if (closed) {
      throw new TensorException(TensorException.Kind.CLOSED, "lane: closed");
    }
    long bucket = plans.bucket(rows);
    Ready best = best(bucket);
    while (best == null) {
      plans.compileNow(bucket);
      best = best(bucket);
    }
    if (best.entry.bucket == bucket) {
      best.entry.uses++; // a lost count does no harm
    } else {
      plans.want(bucket);
    }
    asked = best;
    return best.frame;
  }

  private @Nullable Ready best(long bucket) {
    Ready[] there = ready;
    int at = atLeast(there, bucket);
    return at == there.length ? null : there[at];
  }

  /** Runs the frame that was asked for last, and remembers what that took. */
  public void run() {
    long began = time.nanos();
    asked().frame.run();
    ran(Math.max(LEAST_NANOS, time.nanos() - began));
  }

  /** A run of the frame that was asked for last took so long. */
  void ran(long nanos) {
    asked().entry.ran(nanos);
  }

  private Ready asked() {
    Ready last = asked;
    if (last == null) {
      throw new IllegalStateException("lane: no frame was asked for");
    }
    return last;
  }

  /**
   * How many of these rows are best run next: all of them, in a bucket that may be larger, or fewer
   * that fill a smaller one, so that all are done sooner. A model whose rows cost each the same
   * gains nothing from padding, and loses where the values of many rows leave the cache. What runs
   * have taken tells; now and then the other way is tried, since that may have changed. Allocates
   * nothing.
   */
  public long part(long rows) {
    Ready[] there = ready;
    int whole = atLeast(there, rows);
    if (whole == 0 || whole == there.length || there[whole].entry.nanos == 0) {
      return rows;
    }
    long limit = there[whole].entry.nanos;
    long most = limit + limit / 2;
    long first = 0;
    long nanos = 0;
    for (long left = rows; left > 0 && nanos < most; ) {
      PlanEntry next = cheapest(there, left, whole);
      if (next == null) {
        return rows;
      }
      first = first == 0 ? next.bucket : first;
      nanos += next.nanos;
      left -= next.bucket;
    }
    if (nanos >= most) {
      return rows;
    }
    boolean parts = nanos < limit - limit / WORTH_IT;
    return parts != (++decisions % TRIED_AGAIN == 0) ? first : rows;
  }

  /** Of those that so many rows fill, whose rows cost the least each; null if none is known. */
  private static @Nullable PlanEntry cheapest(Ready[] there, long rows, int before) {
    PlanEntry best = null;
    for (int i = 0; i < before && there[i].entry.bucket <= rows; i++) {
      PlanEntry entry = there[i].entry;
      if (entry.nanos > 0
          && (best == null || entry.nanos * best.bucket <= best.nanos * entry.bucket)) {
        best = entry;
      }
    }
    if (best == null && there[0].entry.bucket > rows && there[0].entry.nanos > 0) {
      best = there[0].entry; // one row, and no plan for it
    }
    return best;
  }

  /** The smallest that holds so many rows; the length if none does. */
  private static int atLeast(Ready[] there, long rows) {
    int at = 0;
    while (at < there.length && there[at].entry.bucket < rows) {
      at++;
    }
    return at;
  }

  /**
   * A frame for this lane, which runs one at a time: all lie in one memory, but for their inputs.
   */
  synchronized Frame open(PlanEntry entry) {
    long bytes = Math.max(1, entry.plan.extents().work());
    Tensor there = work;
    if (there == null || there.elements() < bytes) {
      memory.adopt();
      // Who has the smaller one keeps it, until the lane ends.
      there = memory.zeros(DType.U8, Shape.of(bytes));
      work = there;
    }
    return entry.plan.open(entry.packed, null, there);
  }

  synchronized void add(PlanEntry entry, Frame frame) {
    Ready[] more = Arrays.copyOf(ready, ready.length + 1);
    more[ready.length] = new Ready(entry, frame);
    Arrays.sort(more, Comparator.comparingLong(one -> one.entry.bucket));
    ready = more;
  }

  synchronized void retire(PlanEntry entry) {
    Ready[] before = ready;
    // First out of the lane's sight, then to be closed by it: never the other way round.
    ready = Arrays.stream(before).filter(one -> one.entry != entry).toArray(Ready[]::new);
    for (Ready one : before) {
      if (one.entry == entry) {
        retired.add(one.frame);
      }
    }
  }

  void use(PlanEntry entry, PackedWeights weights) {
    for (Ready one : ready) {
      if (one.entry == entry) {
        one.frame.use(weights);
      }
    }
  }

  /** Gives the frames back. A second call does nothing. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    plans.remove(this);
    for (Frame old = retired.poll(); old != null; old = retired.poll()) {
      old.close();
    }
    for (Ready one : ready) {
      one.frame.close();
    }
    ready = new Ready[] {};
    memory.adopt();
    memory.close();
  }
}
