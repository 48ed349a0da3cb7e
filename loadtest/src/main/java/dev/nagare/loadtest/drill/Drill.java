package dev.nagare.loadtest.drill;

import dev.nagare.loadtest.drill.verify.Faults;
import dev.nagare.loadtest.process.ProcessException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * What all drills have in common: a stage, a stream that is fed, a disturbance, and a verdict. Used
 * by one thread, once.
 *
 * @param <O> what became of one disturbance, as the JSON report has it
 */
abstract class Drill<O> {
  final DrillOptions options;
  final Sabotage sabotage;
  final PrintWriter out;
  final Faults faults = new Faults();
  final List<O> outcomes = new ArrayList<>();
  private final String name;
  private final int restartEvery;

  /**
   * Plans a drill.
   *
   * @param name as commands and reports have it
   * @param sabotage promise that the learner breaks on purpose
   * @param restartEvery steps between the restarts of an undisturbed learner
   * @param out for people
   */
  Drill(String name, DrillOptions options, Sabotage sabotage, int restartEvery, PrintWriter out) {
    this.name = name;
    this.options = options;
    this.sabotage = sabotage;
    this.restartEvery = restartEvery;
    this.out = out;
  }

  /** Carries the drill out and judges. */
  final DrillReport run() throws IOException, InterruptedException {
    long begun = System.nanoTime();
    try (var stage = Stage.open(out)) {
      var judgement = new Judgement(stage, restartEvery, faults, out);
      try (Feeder feeder = judgement.feed(options.seed())) {
        disturb(stage, judgement, feeder);
        judgement.judge();
      } catch (DrillException | ProcessException e) {
        faults.add(String.valueOf(e.getMessage()));
      }
      return judgement.report(
          name, options.seed(), sabotage, kills(), uncommitted(), begun, outcomes);
    }
  }

  /** Disturbs a learner while rows come in, and lets the undisturbed ones learn after it. */
  abstract void disturb(Stage stage, Judgement judgement, Feeder feeder)
      throws IOException, InterruptedException;

  /** Disturbances that count. */
  int kills() {
    return outcomes.size();
  }

  /** Disturbances that found uncommitted work. */
  abstract int uncommitted();
}
