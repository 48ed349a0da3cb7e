package dev.nagare.graph.plan;

/**
 * One of the {@link Plans}: for how many rows, with which weights, how often it was asked for and
 * what its runs cost. Bucket and plan are fixed; the weights are guarded by the plans' lock; lanes
 * write the rest without one, and a count that is lost does no harm.
 */
final class PlanEntry {
  private static final int FEW_RUNS = 4;

  /** The mean time of runs follows them by a part in so many. */
  private static final int FADES = 16;

  /**
   * What takes longer than so many times the mean, such as a pause of the machine, is that much.
   */
  private static final int SURPRISE = 4;

  final long bucket;
  final Plan plan;
  PackedWeights packed;

  /** About how often it was asked for. */
  int uses;

  /** What a run takes, nanoseconds: a mean that fades; 0 while nobody knows. */
  long nanos;

  private int runs;

  PlanEntry(long bucket, Plan plan, PackedWeights packed) {
    this.bucket = bucket;
    this.plan = plan;
    this.packed = packed;
  }

  /** A run took so long; of the first ones, which are cold, the quickest counts. */
  void ran(long took) {
    long before = nanos;
    if (runs < FEW_RUNS) {
      runs++;
      nanos = before == 0 ? took : Math.min(before, took);
    } else {
      nanos = before + (Math.min(took, SURPRISE * before) - before) / FADES;
    }
  }

  /** Ends with the last frame. */
  void close() {
    packed.close();
    plan.close();
  }
}
