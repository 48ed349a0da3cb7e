package dev.nagare.graph.plan;

import dev.nagare.tensor.TensorException;
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
  private final Plans plans;
  private final Queue<Frame> retired = new ConcurrentLinkedQueue<>();
  private volatile Ready[] ready = {};
  private volatile boolean closed;

  /** A frame of a plan. */
  private record Ready(Plans.Entry entry, Frame frame) {}

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
    return best.frame;
  }

  private @Nullable Ready best(long bucket) {
    for (Ready one : ready) {
      if (one.entry.bucket >= bucket) {
        return one;
      }
    }
    return null;
  }

  synchronized void add(Plans.Entry entry, Frame frame) {
    Ready[] more = Arrays.copyOf(ready, ready.length + 1);
    more[ready.length] = new Ready(entry, frame);
    Arrays.sort(more, Comparator.comparingLong(one -> one.entry.bucket));
    ready = more;
  }

  synchronized void retire(Plans.Entry entry) {
    Ready[] before = ready;
    // First out of the lane's sight, then to be closed by it: never the other way round.
    ready = Arrays.stream(before).filter(one -> one.entry != entry).toArray(Ready[]::new);
    for (Ready one : before) {
      if (one.entry == entry) {
        retired.add(one.frame);
      }
    }
  }

  void use(Plans.Entry entry, PackedWeights weights) {
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
  }
}
