package dev.nagare.loadtest.drill;

import dev.nagare.loadtest.drill.Writers.Mark;
import dev.nagare.loadtest.drill.verify.LogBatch;
import dev.nagare.loadtest.drill.verify.RegistryEntry;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Stops learners of real servers until another has taken over, and wakes them up. Used by one
 * thread, once.
 */
final class ZombieDrill extends Drill<ZombieDrill.Outcome> {
  /** As {@code ExitCode} of the product has it: taken over. */
  private static final int FENCED = 75;

  private static final int QUESTIONS = 20;
  private static final int BATCHES_BEFORE = 20;
  private static final Duration LOOK = Duration.ofMillis(50);

  /** For what a stopped process had sent to arrive. */
  private static final Duration IN_FLIGHT = Duration.ofMillis(500);

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /**
   * What became of a learner that was replaced, as the JSON report has it.
   *
   * @param role that it had
   * @param transaction_open whether its transaction was open when it was stopped
   * @param takeover_seconds from the stop to the first predictions of the other
   * @param exit_code that it ended with when it woke up; -1 if it goes on
   * @param answers to questions over HTTP after that
   * @param written batches that it wrote after it woke up
   */
  record Outcome(
      String role,
      boolean transaction_open,
      double takeover_seconds,
      int exit_code,
      int answers,
      int written) {}

  ZombieDrill(DrillOptions options, int restartEvery, PrintWriter out) {
    super("zombie", options, Sabotage.NONE, restartEvery, out);
  }

  @Override
  void disturb(Stage stage, Judgement judgement, Feeder feeder)
      throws IOException, InterruptedException {
    judgement.rehearseStart();
    long end = takeOverAgainAndAgain(stage, feeder);
    judgement.learnUndisturbed(end);
  }

  @Override
  int uncommitted() {
    return (int) outcomes.stream().filter(Outcome::transaction_open).count();
  }

  private long takeOverAgainAndAgain(Stage stage, Feeder feeder)
      throws IOException, InterruptedException {
    var progress = new ProgressLine(out, options.times());
    var writers = new Writers(stage);
    ServerProcess learner = server(stage, 0);
    try {
      learner.awaitReady();
      for (int i = 0; i < options.times(); i++) {
        ServerProcess next = server(stage, i + 1);
        try {
          next.awaitReady();
          stage.awaitMembers(Subject.DISTURBED.model(), 2, PATIENCE);
          Outcome outcome = takeOver(stage, writers, learner);
          outcomes.add(outcome);
          progress.print(i + 1, line(outcome));
        } finally {
          learner.close();
          learner = next;
        }
      }
      long end = feeder.finish();
      awaitCheckpoint(stage, learner, end);
      learner.process().stop(PATIENCE);
      return end;
    } finally {
      learner.close();
    }
  }

  private static ServerProcess server(Stage stage, int index) throws IOException {
    return ServerProcess.start(
        stage, index % 2 == 0 ? "first" : "second", index % 4 < 2 ? "all" : "learner");
  }

  private Outcome takeOver(Stage stage, Writers writers, ServerProcess zombie)
      throws IOException, InterruptedException {
    int before = writers.predictions().size();
    await(zombie, "predictions", () -> writers.predictions().size() >= before + BATCHES_BEFORE);
    long begun = System.nanoTime();
    zombie.process().suspend();
    pause(zombie, IN_FLIGHT);
    boolean open = stage.transactionOpen(Subject.DISTURBED.model());
    LogBatch last = writers.newest();
    await(zombie, "another learner", () -> writers.newest().epoch() > last.epoch());
    LogBatch successor =
        writers.predictions().stream()
            .filter(batch -> batch.epoch() > last.epoch())
            .findFirst()
            .orElseThrow();
    double seconds = (System.nanoTime() - begun) / 1e9;
    Mark mark = writers.mark();
    zombie.process().resume();
    int exitCode = -1;
    int answers = 0;
    if (zombie.role().equals("learner")) {
      if (!zombie.process().ended(PATIENCE)) {
        throw zombie.process().failure("it was replaced, but has not ended");
      }
      exitCode = zombie.process().exitCode();
      faults.unlessEqual("exit code of a replaced learner", FENCED, exitCode);
    } else {
      await(zombie, "its own fence", () -> zombie.fenced() > 0);
      for (int i = 0; i < QUESTIONS; i++) {
        answers += zombie.answers() ? 1 : 0;
        pause(zombie, LOOK);
      }
      faults.unlessEqual("answers of a replaced learner that serves", QUESTIONS, answers);
    }
    List<LogBatch> written = writers.since(mark, successor);
    faults.addAll("a replaced learner wrote", written);
    return new Outcome(zombie.role(), open, seconds, exitCode, answers, written.size());
  }

  private static String line(Outcome outcome) {
    return String.format(
        Locale.ROOT,
        "role %-8s replaced after %.1f s, transaction %s; awake again it wrote %d batches and %s",
        outcome.role(),
        outcome.takeover_seconds(),
        outcome.transaction_open() ? "open" : "closed",
        outcome.written(),
        outcome.exit_code() < 0
            ? "gave " + outcome.answers() + " answers of " + QUESTIONS
            : "ended with exit code " + outcome.exit_code());
  }

  private static void awaitCheckpoint(Stage stage, ServerProcess learner, long end)
      throws IOException, InterruptedException {
    await(
        learner,
        "a checkpoint of the whole log",
        () -> {
          List<RegistryEntry> registry =
              RegistryEntry.read(stage.bootstrap(), Subject.DISTURBED.model());
          return !registry.isEmpty() && registry.getLast().newest().nextOffset() == end;
        });
  }

  private interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  private static void await(ServerProcess server, String what, Condition condition)
      throws IOException, InterruptedException {
    long begun = System.nanoTime();
    while (!condition.holds()) {
      if (System.nanoTime() - begun > PATIENCE.toNanos()) {
        throw server.process().failure("waited " + PATIENCE.toSeconds() + " s in vain for " + what);
      }
      pause(server, LOOK);
    }
  }

  private static void pause(ServerProcess server, Duration pause)
      throws IOException, InterruptedException {
    if (server.process().ended(pause)) {
      throw server.process().failure("it ended with exit code " + server.process().exitCode());
    }
  }
}
