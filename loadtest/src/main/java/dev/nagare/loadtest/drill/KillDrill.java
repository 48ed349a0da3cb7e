package dev.nagare.loadtest.drill;

import dev.nagare.loadtest.drill.KillPlan.Folder;
import dev.nagare.loadtest.drill.KillPlan.Kill;
import dev.nagare.loadtest.drill.LearnerSpec.Fault;
import dev.nagare.loadtest.drill.LearnerSpec.Goal;
import dev.nagare.loadtest.drill.verify.LocalFiles;
import dev.nagare.loadtest.drill.verify.RegistryEntry;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Kills a learner again and again while rows come in, and compares what it has become with learners
 * of the same log that nobody disturbed. Used by one thread, once.
 */
final class KillDrill extends Drill<KillOutcome> {
  /** So few starts that a class archive does not pay. */
  private static final int FEW = 3;

  private static final int MOST_VAIN_KILLS_PER_KILL = 3;

  private final Set<String> spoiled = new HashSet<>();

  /**
   * Plans a drill.
   *
   * @param sabotage promise that the learner breaks on purpose
   * @param restartEvery steps between the restarts of an undisturbed learner
   * @param out for people
   */
  KillDrill(DrillOptions options, Sabotage sabotage, int restartEvery, PrintWriter out) {
    super("kill", options, sabotage, restartEvery, out);
  }

  @Override
  void disturb(Stage stage, Judgement judgement, Feeder feeder)
      throws IOException, InterruptedException {
    if (options.times() > FEW) {
      judgement.rehearseStart();
    }
    killAll(stage);
    long end = feeder.finish();
    judgement.learnToEnd(Subject.DISTURBED, Fault.of(sabotage), end);
    judgement.learnUndisturbed(end);
  }

  @Override
  int kills() {
    return uncommitted();
  }

  @Override
  int uncommitted() {
    return (int) outcomes.stream().filter(KillOutcome::counts).count();
  }

  private void killAll(Stage stage) throws IOException, InterruptedException {
    var left = new ArrayDeque<>(new KillPlan(options.seed()).kills(options.times()));
    var progress = new ProgressLine(out, options.times());
    int counted = 0;
    for (int vain = 0; !left.isEmpty(); ) {
      Kill kill = left.remove();
      KillOutcome outcome = carryOut(stage, kill);
      outcomes.add(outcome);
      if (outcome.counts()) {
        counted++;
      } else {
        left.add(kill);
        if (++vain > MOST_VAIN_KILLS_PER_KILL * options.times()) {
          throw new DrillException(
              vain
                  + " kills found no uncommitted work; this machine is too slow for the drill's pace");
        }
      }
      progress.print(counted, outcome.line());
    }
  }

  private KillOutcome carryOut(Stage stage, Kill kill) throws IOException, InterruptedException {
    var fault =
        new Fault(kill.point(), kill.checkpoints(), kill.passage(), kill.fullDisk(), sabotage);
    long begun = System.currentTimeMillis();
    try (Life life = Life.start(stage, Subject.DISTURBED, fault, Goal.NONE)) {
      if (kill.point() == null) {
        life.awaitRows(1);
        life.killAfter(Duration.ofMillis(kill.afterMillis()));
      } else {
        life.awaitDeath(kill.label());
      }
      boolean open = stage.transactionOpen(Subject.DISTURBED.model());
      List<RegistryEntry> registry =
          RegistryEntry.read(stage.bootstrap(), Subject.DISTURBED.model());
      Path data = Life.data(stage, Subject.DISTURBED);
      LocalFiles.check(data, registry, spoiled, faults);
      Folder folder = new LearnerFolder(stage, data, spoiled).treat(kill.folder(), registry);
      return KillOutcome.of(kill, folder, life.ledger(), registry, open, begun);
    }
  }
}
