package dev.nagare.loadtest.drill;

import dev.nagare.loadtest.drill.LearnerSpec.Fault;
import dev.nagare.loadtest.drill.LearnerSpec.Goal;
import dev.nagare.loadtest.drill.verify.RegistryEntry;
import dev.nagare.streaming.rehearsal.CrashPoint;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Kills the broker under a learner, in the middle of the stream and in the middle of transactions,
 * and starts it again; the learner is left to itself. Used by one thread, once.
 */
final class BrokerDrill extends Drill<BrokerDrill.Outcome> {
  /** Where a transaction is open; null for wherever the learner may be. */
  private static final List<@Nullable CrashPoint> MOMENTS =
      Arrays.asList(
          CrashPoint.BEFORE_OUTPUT_COMMIT, null, CrashPoint.MID_UPLOAD, CrashPoint.BEFORE_COMMIT);

  private static final int MOST_MILLIS_AWAY = 1500;
  private static final int ROWS_BETWEEN = 20;

  private final Random random;

  /**
   * What a kill found, as the JSON report has it.
   *
   * @param moment crash point at which the learner was held, or {@code random}
   * @param rows learned since its newest checkpoint in the registry
   * @param transaction_open whether the learner was in the middle of one
   * @param seconds from the kill to the first row learned again
   */
  record Outcome(String moment, long rows, boolean transaction_open, double seconds) {}

  BrokerDrill(DrillOptions options, int restartEvery, PrintWriter out) {
    super("broker", options, Sabotage.NONE, restartEvery, out);
    this.random = new Random(options.seed());
  }

  @Override
  void disturb(Stage stage, Judgement judgement, Feeder feeder)
      throws IOException, InterruptedException {
    judgement.rehearseStart();
    try (Life life = Life.start(stage, Subject.DISTURBED, Fault.NONE, Goal.NONE)) {
      killAll(stage, life);
      long end = feeder.finish();
      life.awaitOffset(end);
      life.process().stop(Life.PATIENCE);
      judgement.learnUndisturbed(end);
    }
  }

  @Override
  int uncommitted() {
    return (int) outcomes.stream().filter(one -> one.rows() > 0 || one.transaction_open()).count();
  }

  private void killAll(Stage stage, Life life) throws IOException, InterruptedException {
    var progress = new ProgressLine(out, options.times());
    life.awaitRows(ROWS_BETWEEN);
    for (int i = 0; i < options.times(); i++) {
      Outcome outcome = kill(stage, life, MOMENTS.get(i % MOMENTS.size()));
      outcomes.add(outcome);
      progress.print(
          i + 1,
          String.format(
              Locale.ROOT,
              "broker killed %-21s %3d records since the checkpoint; learning again after %.1f s",
              outcome.moment(),
              outcome.rows(),
              outcome.seconds()));
    }
  }

  private Outcome kill(Stage stage, Life life, @Nullable CrashPoint moment)
      throws IOException, InterruptedException {
    life.awaitCheckpoint();
    List<RegistryEntry> registry = RegistryEntry.read(stage.bootstrap(), Subject.DISTURBED.model());
    if (moment != null) {
      life.ledger().arm(moment);
      life.awaitHeld();
    }
    long begun = System.nanoTime();
    stage.broker().kill();
    life.ledger().release();
    long learned = life.ledger().rows();
    long committed = registry.isEmpty() ? 0 : registry.getLast().newest().nextOffset();
    long uncommitted = Math.max(0, life.ledger().nextOffset() - committed);
    if (life.process().ended(Duration.ofMillis(random.nextInt(MOST_MILLIS_AWAY)))) {
      throw life.process().failure("it ended because the broker was away");
    }
    stage.broker().restart();
    life.awaitRows(learned + 1);
    double seconds = (System.nanoTime() - begun) / 1e9;
    life.awaitRows(learned + ROWS_BETWEEN);
    String label = moment == null ? "at random" : "at " + KillPlan.label(moment);
    return new Outcome(label, uncommitted, moment != null, seconds);
  }
}
