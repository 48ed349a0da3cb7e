package dev.nagare.graph.plan;

/**
 * What the runs of a plan cost: a mean that fades, of processor time. Lanes write it as they like,
 * and a run that is lost does no harm.
 */
final class RunCost {
  private static final int FEW_RUNS = 4;

  /** The mean time of runs follows them by a part in so many. */
  private static final int FADES = 16;

  /**
   * What takes longer than so many times the mean, such as a pause of the machine, is that much.
   */
  private static final int SURPRISE = 4;

  private static final long LONG_NANOS = 50_000;
  private static final int MEASURED_ONE_IN = 16;

  private long nanos;
  private int runs;
  private int unmeasured;

  /** Nanoseconds of a run; 0 while nobody knows. */
  long nanos() {
    return nanos;
  }

  /**
   * Whether the next run is to be measured: each that is long or among the first, and one in some
   * of the others, since to read a thread's clock twice takes more than a microsecond.
   */
  boolean wantsNext() {
    return runs < FEW_RUNS || nanos >= LONG_NANOS || ++unmeasured % MEASURED_ONE_IN == 0;
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
}
