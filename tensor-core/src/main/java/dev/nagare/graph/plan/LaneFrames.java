package dev.nagare.graph.plan;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.ThreadTime;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The frames of one lane: one for each plan of a {@link PlanFamily}, with the weights of whichever
 * version runs.
 *
 * <p>One thread at a time asks for frames and runs them; the background adds and retires them
 * meanwhile.
 */
final class LaneFrames implements AutoCloseable {
  /** What parts must save at least of a run, as a part of it. */
  private static final int WORTH_IT = 32;

  /** So many decisions later the other way is tried. */
  private static final int TRIED_AGAIN = 31; // a prime: a batch may take the same number each time

  /** So many frames of plans that have gone are a reason to look for lanes that wait for long. */
  private static final int MANY = 8;

  /** Less than this no run takes: a clock that seems to say so goes in large steps. */
  private static final long LEAST_NANOS = 1_000;

  private final PlanFamily family;
  private final Queue<Frame> retired = new ConcurrentLinkedQueue<>();
  private final ProcessMemory memory = new ProcessMemory("lane of plans");
  private @Nullable Tensor work; // guarded by this
  private volatile Ready[] ready = {};

  /** Of the lane alone: on an only processor the doors take it away in the middle of a run. */
  private final ThreadTime time = new ThreadTime();

  private @Nullable Ready asked; // of the lane's thread, as the next
  private int decisions;

  /** A frame of a plan. */
  private static final class Ready {
    final PlanEntry entry;
    final Frame frame;

    Ready(PlanEntry entry, Frame frame) {
      this.entry = entry;
      this.frame = frame;
    }

    /** Computes with this version's weights; false if the plan has none of it any more. */
    boolean follow(Plans version) {
      PackedWeights weights = entry.packed(version);
      return weights != null && frame.useIfOpen(weights);
    }
  }

  LaneFrames(PlanFamily family) {
    this.family = family;
  }

  /** See {@link PlanLane#frame}. */
  Frame frame(long rows, Plans version) {
    closeRetired();
    long bucket = family.bucket(rows);
    Ready best = best(bucket);
    while (best == null || !best.follow(version)) {
      if (best == null) {
        family.compileNow(bucket);
      }
      best = best(bucket); // one that cannot follow has been retired
    }
    if (best.entry.bucket == bucket) {
      best.entry.uses++; // a lost count does no harm
    } else {
      family.want(bucket);
    }
    if (best != asked) {
      rest();
      asked = best;
    }
    return best.frame;
  }

  boolean hasManyRetired() {
    return retired.size() >= MANY;
  }

  /** Closes the frames of plans that have gone; for whoever has the lane. */
  void closeRetired() {
    for (Frame old = retired.poll(); old != null; old = retired.poll()) {
      old.close();
    }
  }

  /** Keeps no weights, so that those of a version that has gone are freed. */
  void rest() {
    Ready last = asked;
    if (last != null) {
      last.frame.letGo();
      asked = null;
    }
  }

  private @Nullable Ready best(long bucket) {
    Ready[] there = ready;
    int at = atLeast(there, bucket);
    return at == there.length ? null : there[at];
  }

  /** See {@link PlanLane#run}. */
  void run() {
    Ready now = asked();
    if (!now.entry.cost.wantsNext()) {
      now.frame.run();
      return;
    }
    long began = time.nanos();
    now.frame.run();
    now.entry.cost.ran(Math.max(LEAST_NANOS, time.nanos() - began));
  }

  /** A run of the frame that was asked for last took so long. */
  void ran(long nanos) {
    asked().entry.cost.ran(nanos);
  }

  private Ready asked() {
    Ready last = asked;
    if (last == null) {
      throw new IllegalStateException("lane: no frame was asked for");
    }
    return last;
  }

  /** See {@link PlanLane#part}. */
  long part(long rows) {
    Ready[] there = ready;
    int whole = atLeast(there, rows);
    if (whole == 0 || whole == there.length || there[whole].entry.cost.nanos() == 0) {
      return rows;
    }
    long limit = there[whole].entry.cost.nanos();
    long most = limit + limit / 2;
    long first = 0;
    long nanos = 0;
    for (long left = rows; left > 0 && nanos < most; ) {
      PlanEntry next = cheapest(there, left, whole);
      if (next == null) {
        return rows;
      }
      first = first == 0 ? next.bucket : first;
      nanos += next.cost.nanos();
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
      if (entry.cost.nanos() > 0
          && (best == null
              || entry.cost.nanos() * best.bucket <= best.cost.nanos() * entry.bucket)) {
        best = entry;
      }
    }
    if (best == null && there[0].entry.bucket > rows && there[0].entry.cost.nanos() > 0) {
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
    return entry.open(there);
  }

  /** Takes over a frame, which waits for a version to run it. */
  synchronized void add(PlanEntry entry, Frame frame) {
    frame.letGo();
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

  /** Closes the frames. A second call does nothing. */
  @Override
  public void close() {
    closeRetired();
    for (Ready one : ready) {
      one.frame.close();
    }
    ready = new Ready[] {};
    memory.adopt();
    memory.close();
  }
}
