package dev.nagare.loadtest.drill;

import dev.nagare.loadtest.drill.LearnerSpec.Fault;
import dev.nagare.streaming.rehearsal.CrashPoint;
import dev.nagare.streaming.rehearsal.FileLayer;
import dev.nagare.streaming.rehearsal.OnlineModels;
import dev.nagare.streaming.rehearsal.Rehearsal;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** What a drill does inside a learner's process: keeps the ledger, and lets the fault happen. */
final class DrillRehearsal implements Rehearsal {
  private static final int KILLED = 137;
  private static final long HELD_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final long HELD_AT_MOST_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long STALE_RECORDS = 5;

  private final LearnerSpec spec;
  private final Ledger ledger;
  private final PowerCutFiles files;
  private final Runnable goalReached;
  private final AtomicLong passages = new AtomicLong();

  /**
   * Rehearses one life.
   *
   * @param goalReached called when the learner may end
   */
  DrillRehearsal(LearnerSpec spec, Ledger ledger, Runnable goalReached) {
    this.spec = spec;
    this.ledger = ledger;
    this.goalReached = goalReached;
    Fault fault = spec.fault();
    this.files = new PowerCutFiles(fault.sabotage() == Sabotage.SKIP_FSYNC, fault.fullDisk());
  }

  @Override
  public void reached(CrashPoint point) {
    ledger.passes(point);
    Fault fault = spec.fault();
    if (point == fault.point()
        && ledger.passages(CrashPoint.AFTER_COMMIT) >= fault.checkpoints()
        && passages.incrementAndGet() == fault.passage()) {
      powerCut();
    }
    if (ledger.holds(point)) {
      awaitRelease();
    }
  }

  private void awaitRelease() {
    long begun = System.nanoTime();
    while (ledger.held() && System.nanoTime() - begun < HELD_AT_MOST_NANOS) {
      LockSupport.parkNanos(this, HELD_LOOK_NANOS);
    }
  }

  private void powerCut() {
    try {
      files.cut();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    Runtime.getRuntime().halt(KILLED);
  }

  @Override
  public FileLayer files() {
    return files;
  }

  @Override
  public OnlineModels models(OnlineModels product) {
    return new WatchedModels(product, spec, ledger, goalReached);
  }

  @Override
  public long resumeAt(long nextOffset) {
    return spec.fault().sabotage() == Sabotage.STALE_OFFSET
        ? Math.max(0, nextOffset - STALE_RECORDS)
        : nextOffset;
  }
}
