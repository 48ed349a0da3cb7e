package dev.nagare.loadtest.bench.serve.wire;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * What a run of load saw. Times count from the moment at which a request was due: a server that
 * stalls has made all wait that were due meanwhile.
 */
public final class Tally {
  private static final long LONGEST = TimeUnit.MINUTES.toNanos(5);
  private static final int DIGITS = 3;
  private static final int OK = 200;
  private static final int BUSY = 429;
  private static final int TOO_LATE = 504;

  private final long deadlineNanos;
  private final Histogram latency = new Histogram(LONGEST, DIGITS);
  private final Histogram refusal = new Histogram(LONGEST, DIGITS);
  private final Histogram lag = new Histogram(LONGEST, DIGITS);
  private long due;
  private long answered;
  private long inTime;
  private long refused;
  private long late;
  private long failed;
  private double rate;
  private double goodput;

  /** For callers who wait that long; {@code Long.MAX_VALUE} if they wait for ever. */
  Tally(long deadlineNanos) {
    this.deadlineNanos = deadlineNanos;
  }

  void due(long lagNanos) {
    due++;
    lag.recordValue(Math.clamp(lagNanos, 0, LONGEST));
  }

  void ended(int status, boolean whole, long nanos) {
    long time = Math.clamp(nanos, 0, LONGEST);
    if (status == OK && whole) {
      latency.recordValue(time);
      answered++;
      inTime += nanos <= deadlineNanos ? 1 : 0;
    } else if (status == BUSY) {
      refusal.recordValue(time);
      refused++;
    } else if (status == TOO_LATE) {
      late++;
    } else {
      latency.recordValue(time);
      failed++;
    }
  }

  /** What has been answered until now was answered in that time. */
  void lasted(double runSeconds) {
    rate = answered / runSeconds;
    goodput = inTime / runSeconds;
  }

  /** Requests that were due. */
  public long due() {
    return due;
  }

  /** Requests that got the answer they asked for. */
  public long answered() {
    return answered;
  }

  /** Those of them that came before their caller lost patience. */
  public long inTime() {
    return inTime;
  }

  /** Requests refused at the door: 429. */
  public long refused() {
    return refused;
  }

  /** Requests whose time passed in the server: 504. */
  public long late() {
    return late;
  }

  /** Requests that got something else or, to the end, nothing. */
  public long failed() {
    return failed;
  }

  /** Answers per second. */
  public double rate() {
    return rate;
  }

  /** Answers per second that came before their caller's patience ended. */
  public double goodput() {
    return goodput;
  }

  /** A quantile of the time to an answer, in seconds; what failed counts with its time. */
  public double latency(double quantile) {
    return latency.getValueAtPercentile(100 * quantile) / 1e9;
  }

  /** A quantile of the time to a refusal, in seconds. */
  public double refusal(double quantile) {
    return refusal.getValueAtPercentile(100 * quantile) / 1e9;
  }

  /** A quantile of the time between when requests were due and when they were sent, in seconds. */
  public double lag(double quantile) {
    return lag.getValueAtPercentile(100 * quantile) / 1e9;
  }

  /** The numbers of all kinds of answers, in words. */
  public String counts() {
    return String.format(
        Locale.ROOT,
        "%,d due, %,d answered, %,d refused, %,d too late, %,d failed",
        due,
        answered,
        refused,
        late,
        failed);
  }
}
