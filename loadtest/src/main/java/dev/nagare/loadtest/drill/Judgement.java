package dev.nagare.loadtest.drill;

import dev.nagare.loadtest.drill.LearnerSpec.Fault;
import dev.nagare.loadtest.drill.LearnerSpec.Goal;
import dev.nagare.loadtest.drill.verify.Faults;
import dev.nagare.loadtest.drill.verify.ModelFinding;
import dev.nagare.loadtest.drill.verify.Verifier;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The quiet part of a drill: the log it feeds, the learners that nobody disturbs, and the verdict.
 * Used by one thread.
 */
final class Judgement {
  private static final int AHEAD = 120;
  private static final int PER_SECOND = 16;
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final Stage stage;
  private final int restartEvery;
  private final Faults faults;
  private final PrintWriter out;
  private @Nullable ModelFinding disturbed;
  private @Nullable ModelFinding fresh;

  /**
   * Prepares.
   *
   * @param restartEvery steps between the restarts of a second undisturbed learner; 0 for none
   */
  Judgement(Stage stage, int restartEvery, Faults faults, PrintWriter out) {
    this.stage = stage;
    this.restartEvery = restartEvery;
    this.faults = faults;
    this.out = out;
  }

  /** Begins to feed the topic; the caller closes the feeder. */
  Feeder feed(long seed) throws IOException, InterruptedException {
    stage.createTopic(Subject.TOPIC);
    var workload = new Workload(seed, System.currentTimeMillis());
    return Feeder.start(stage.bootstrap(), Subject.TOPIC, workload, AHEAD, PER_SECOND);
  }

  /** A life that is not judged: topics come into being, and a class archive makes starts quick. */
  void rehearseStart() throws IOException, InterruptedException {
    say("a first learner, whose process writes down its classes");
    try (Life life = Life.startFirst(stage, Subject.FIRST, Goal.end(AHEAD / 2))) {
      life.awaitGoal(PATIENCE);
    }
  }

  /** Lets a learner go on to the end of the log. */
  void learnToEnd(Subject subject, Fault fault, long end) throws IOException, InterruptedException {
    say(subject.model() + " learns to the end of the log, offset " + end);
    try (Life life = Life.start(stage, subject, fault, Goal.end(end))) {
      life.awaitGoal(PATIENCE);
    }
  }

  /** Lets learners of the same log go from its start to its end. */
  void learnUndisturbed(long end) throws IOException, InterruptedException {
    learnToEnd(Subject.FRESH, Fault.NONE, end);
    if (restartEvery == 0) {
      return;
    }
    say(
        Subject.RESTARTED.model()
            + " learns the same, and is stopped and started every "
            + restartEvery
            + " steps");
    long learned = 0;
    while (learned < end) {
      try (Life life =
          Life.start(stage, Subject.RESTARTED, Fault.NONE, new Goal(restartEvery, end))) {
        life.awaitGoal(PATIENCE);
        learned = life.ledger().nextOffset();
      }
    }
  }

  /** Looks at the topics: each learner by itself, and all against the one that nobody disturbed. */
  void judge() throws IOException {
    say("the verifier reads the topics");
    var verifier = new Verifier(stage.bootstrap(), Subject.TOPIC, faults);
    ModelFinding quiet = verifier.judge(Subject.FRESH.model());
    ModelFinding killed = verifier.judge(Subject.DISTURBED.model());
    fresh = quiet;
    disturbed = killed;
    verifier.compare(quiet, killed);
    if (restartEvery > 0) {
      verifier.compare(quiet, verifier.judge(Subject.RESTARTED.model()));
    }
    faults.addAll("batches of a writer that had been replaced", new Writers(stage).late());
  }

  DrillReport report(
      String drill,
      long seed,
      Sabotage sabotage,
      int kills,
      int uncommitted,
      long begun,
      List<?> details) {
    ModelFinding of = disturbed;
    ModelFinding quiet = fresh;
    return new DrillReport(
        drill,
        seed,
        sabotage.label(),
        kills,
        uncommitted,
        quiet == null ? "none" : quiet.stateHash(),
        of == null ? "none" : of.stateHash(),
        of == null ? 0 : of.examples(),
        of == null ? 0 : of.lost(),
        of == null ? 0 : of.repeated(),
        faults.sentences().isEmpty(),
        faults.sentences(),
        (System.nanoTime() - begun) / 1e9,
        details);
  }

  private void say(String sentence) {
    out.println("  " + sentence);
    out.flush();
  }
}
