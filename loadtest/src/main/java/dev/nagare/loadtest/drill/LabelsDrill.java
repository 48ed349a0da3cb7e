package dev.nagare.loadtest.drill;

import dev.nagare.loadtest.drill.verify.Faults;
import dev.nagare.loadtest.drill.verify.LabelFates;
import dev.nagare.loadtest.drill.verify.RegistryEntry;
import dev.nagare.loadtest.process.ProcessException;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * Kills a server at random moments while it is asked and told what was right, and counts over the
 * committed records of its topics: each answered request has one prediction, each label one fate,
 * each example was learned once. Used by one thread, once.
 */
final class LabelsDrill {
  private static final int MOST_MILLIS = 1500;
  private static final int ANSWERS_PER_LIFE = 20;
  private static final Duration LOOK = Duration.ofMillis(20);

  private final DrillOptions options;
  private final PrintWriter out;
  private final Faults faults = new Faults();

  /**
   * Plans a drill.
   *
   * @param out for people
   */
  LabelsDrill(DrillOptions options, PrintWriter out) {
    this.options = options;
    this.out = out;
  }

  /** Carries the drill out and judges. */
  LabelsReport run() throws IOException, InterruptedException {
    long begun = System.nanoTime();
    try (var stage = Stage.open(out);
        var server = new LabelledServer(stage);
        var caller = LabelCaller.start(server, stage.bootstrap(), options.seed())) {
      Map<String, Integer> counted = Map.of();
      int labels = 0;
      try {
        killAll(server, caller);
        caller.finish();
        LabelFates fates = settled(stage);
        awaitLearned(stage, fates.examplesEnd());
        server.stop();
        fates.check(caller.answered(), caller.receipts(), faults);
        checkLearner(stage, fates);
        counted = fates.counts();
        labels = fates.labels();
      } catch (DrillException | ProcessException e) {
        faults.add(String.valueOf(e.getMessage()));
      }
      List<String> found = faults.sentences();
      if (found.isEmpty()) {
        stage.forget();
      }
      return new LabelsReport(
          options.seed(),
          options.times(),
          caller.asked(),
          caller.answered().size(),
          labels,
          counted,
          found.isEmpty(),
          found,
          (System.nanoTime() - begun) / 1e9);
    }
  }

  private void killAll(LabelledServer server, LabelCaller caller)
      throws IOException, InterruptedException {
    var random = new Random(options.seed());
    var progress = new ProgressLine(out, options.times());
    for (int i = 0; i < options.times(); i++) {
      server.start();
      server.awaitLearning();
      awaitAnswers(caller, caller.progress() + ANSWERS_PER_LIFE);
      int millis = random.nextInt(MOST_MILLIS);
      server.killAfter(Duration.ofMillis(millis));
      progress.print(i + 1, "killed after " + caller.progress() + " answers");
    }
    server.start();
    server.awaitLearning();
    awaitAnswers(caller, caller.progress() + ANSWERS_PER_LIFE);
  }

  private static void awaitAnswers(LabelCaller caller, int answers) throws DrillException {
    long begun = System.nanoTime();
    while (caller.progress() < answers) {
      if (System.nanoTime() - begun > Life.PATIENCE.toNanos()) {
        throw new DrillException("no more answers than " + caller.progress());
      }
      LockSupport.parkNanos(LOOK.toNanos());
    }
  }

  /** What became of the labels, once all of them have become something. */
  private static LabelFates settled(Stage stage) {
    long begun = System.nanoTime();
    while (true) {
      LabelFates fates = LabelFates.read(stage.bootstrap(), LabelledServer.MODEL);
      if (fates.isSettled() || System.nanoTime() - begun > Life.PATIENCE.toNanos()) {
        return fates;
      }
      LockSupport.parkNanos(LOOK.toNanos());
    }
  }

  /** Waits until a checkpoint has learned all examples. */
  private static void awaitLearned(Stage stage, long end) throws IOException {
    long begun = System.nanoTime();
    while (RegistryEntry.read(stage.bootstrap(), LabelledServer.MODEL).stream()
        .noneMatch(entry -> entry.newest().nextOffset() >= end)) {
      if (System.nanoTime() - begun > Life.PATIENCE.toNanos()) {
        throw new DrillException("no checkpoint has learned up to offset " + end);
      }
      LockSupport.parkNanos(LOOK.toNanos());
    }
  }

  private void checkLearner(Stage stage, LabelFates fates) throws IOException {
    List<RegistryEntry> entries = RegistryEntry.read(stage.bootstrap(), LabelledServer.MODEL);
    if (entries.isEmpty()) {
      faults.add("the registry knows nothing of the model");
      return;
    }
    RegistryEntry.Checkpoint newest = entries.getLast().newest();
    faults.unlessEqual("examples learned", (long) fates.examples(), newest.examples());
    faults.unlessEqual("examples refused", 0L, newest.refused());
  }
}
