package dev.nagare.graph.plan;

import dev.nagare.tensor.TensorException;
import org.jspecify.annotations.Nullable;

/**
 * What one lane runs a version with: frames for {@link Plans}, which other versions of the model
 * use while it {@linkplain #rest rests}.
 *
 * <p>For one thread at a time.
 */
public final class PlanLane implements AutoCloseable {
  private final Plans plans;
  private final PlanFamily family;
  private @Nullable LaneFrames frames;
  private boolean closed;

  PlanLane(Plans plans, PlanFamily family) {
    this.plans = plans;
    this.family = family;
  }

  /**
   * The frame for so many rows, of the best bucket that is ready; it is the caller's until the next
   * call. The caller fills the first rows of its inputs.
   *
   * @throws TensorException kind MISMATCH if there are more than the plans were made for
   */
  public Frame frame(long rows) {
    return frames().frame(rows, plans);
  }

  /** Runs the frame that was asked for last, and remembers what that took. */
  public void run() {
    frames().run();
  }

  /** A run of the frame that was asked for last took so long. */
  void ran(long nanos) {
    frames().ran(nanos);
  }

  /**
   * How many of these rows are best run next: all of them, in a bucket that may be larger, or fewer
   * that fill a smaller one, so that all are done sooner. A model whose rows cost each the same
   * gains nothing from padding, and loses where the values of many rows leave the cache. What runs
   * have taken tells; now and then the other way is tried, since that may have changed. Allocates
   * nothing.
   */
  public long part(long rows) {
    return frames().part(rows);
  }

  private LaneFrames frames() {
    if (closed) {
      throw new TensorException(TensorException.Kind.CLOSED, "lane: closed");
    }
    LaneFrames there = frames;
    if (there == null) {
      there = family.take();
      frames = there;
    }
    return there;
  }

  /**
   * Lets others have the frames, until it is asked for one again; what they hold is lost. Allocates
   * nothing.
   */
  public void rest() {
    LaneFrames there = frames;
    if (there != null) {
      frames = null;
      family.giveBack(there);
    }
  }

  /** Gives the frames back. A second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try {
        rest();
      } finally {
        plans.remove(this);
      }
    }
  }
}
