package dev.nagare.streaming.batch;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a batch of a model costs a lane: {@code a·n + b} nanoseconds for n units of work, learned
 * from the batches that ran.
 *
 * <p>Least squares over a window that fades (the last {@value #WINDOW} batches or so), in five
 * sums: memory is bounded and nothing is allocated. A pause of the machine cannot spoil it, since
 * what takes far longer than expected counts as {@value #SURPRISE} times what was expected; what
 * takes far less shows that the past is no guide, which then counts no more than this one batch.
 * While batches are of one size only, the slope stays where it was.
 *
 * <p>Safe for any thread. Of lanes that end at the same moment one may not be heard.
 */
final class CostModel {
  private static final int WINDOW = 50;
  private static final int SURPRISE = 4;

  /** Before so many batches nothing is known well enough to be surprised by. */
  private static final int NOVICE = 8;

  private static final double FADE = 1 - 1.0 / WINDOW;

  /** How strongly the slope stays where it was, as a share of the squared mean of the sizes. */
  private static final double INERTIA = 0.01;

  // a and b as floats in one word, so that nobody reads the one without the other; 0 is unknown.
  private final AtomicLong published = new AtomicLong();
  private final AtomicBoolean learning = new AtomicBoolean();
  private volatile double deviation;
  private volatile boolean settled;

  // Guarded by the flag.
  private int batches;
  private double weight;
  private double sumN;
  private double sumNn;
  private double sumT;
  private double sumNt;
  private double slope;
  private double off;

  /** A batch of so much work took so long. */
  void observe(long work, long nanos) {
    if (work < 1 || nanos < 1 || !learning.compareAndSet(false, true)) {
      return;
    }
    try {
      learn(work, nanos);
    } finally {
      learning.set(false);
    }
  }

  private void learn(long n, long nanos) {
    double t = nanos;
    double fade = FADE;
    double expected = nanos(published.get(), n);
    if (batches == 1) {
      fade = 0; // the first batch compiles and loads: it is no example
    } else if (batches >= NOVICE && t > SURPRISE * expected) {
      t = SURPRISE * expected;
    } else if (t < expected / 2) {
      fade = 1 / weight;
    }
    batches = Math.min(batches + 1, NOVICE);
    settled = batches == NOVICE;
    if (expected > 0 && fade > 0) {
      off += (Math.min(1, Math.abs(t - expected) / expected) - off) / WINDOW;
      deviation = off;
    }
    weight = fade * weight + 1;
    sumN = fade * sumN + n;
    sumNn = fade * sumNn + (double) n * n;
    sumT = fade * sumT + t;
    sumNt = fade * sumNt + n * t;
    fit(fade == 0 || expected == 0 ? t / n : slope);
  }

  private void fit(double before) {
    double meanN = sumN / weight;
    double meanT = sumT / weight;
    double inertia = INERTIA * meanN * meanN;
    double variance = Math.max(0, sumNn / weight - meanN * meanN);
    double covariance = sumNt / weight - meanN * meanT;
    slope = Math.max(0, (covariance + inertia * before) / (variance + inertia));
    double rest = meanT - slope * meanN;
    if (rest < 0) {
      rest = 0;
      slope = sumNt / sumNn; // through the origin
    }
    published.set(
        ((long) Float.floatToRawIntBits((float) slope) << 32)
            | Integer.toUnsignedLong(Float.floatToRawIntBits((float) rest)));
  }

  /** What a batch of so much work is expected to take, nanoseconds; 0 while nothing is known. */
  long nanos(long work) {
    return (long) nanos(published.get(), work);
  }

  /** Whether enough batches ran to believe it: the first ones are slow, the JVM interprets them. */
  boolean isSettled() {
    return settled;
  }

  /** {@code a}: nanoseconds for a unit of work. */
  double slopeNanos() {
    return slope(published.get());
  }

  /** {@code b}: nanoseconds for a batch, however small. */
  double fixedNanos() {
    return fixed(published.get());
  }

  /** How far off expectations are, as a share of them: the fading mean, 0 to 1. */
  double deviation() {
    return deviation;
  }

  /**
   * The most work in a batch that takes at most so long. If no batch is that quick, the work with
   * which a batch spends half of its time on itself: smaller ones would help nobody.
   */
  long workWithin(long nanos) {
    long both = published.get();
    double a = slope(both);
    double b = fixed(both);
    if (a <= 0) {
      return Long.MAX_VALUE;
    }
    return Math.max(1, (long) ((b < nanos ? nanos - b : b) / a));
  }

  private static double nanos(long both, long work) {
    return slope(both) * work + fixed(both);
  }

  private static float slope(long both) {
    return Float.intBitsToFloat((int) (both >>> 32));
  }

  private static float fixed(long both) {
    return Float.intBitsToFloat((int) both);
  }
}
