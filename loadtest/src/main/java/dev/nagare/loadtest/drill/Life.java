package dev.nagare.loadtest.drill;

import dev.nagare.loadtest.drill.LearnerSpec.Fault;
import dev.nagare.loadtest.drill.LearnerSpec.Goal;
import dev.nagare.loadtest.process.ChildProcess;
import dev.nagare.streaming.rehearsal.CrashPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/** One process of a learner, from its start to its end. Used by one thread. */
final class Life implements AutoCloseable {
  /** The exit code of who was killed. */
  static final int KILLED = 137;

  static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration LOOK = Duration.ofMillis(2);

  private final ChildProcess process;
  private final Ledger ledger;

  private Life(ChildProcess process, Ledger ledger) {
    this.process = process;
    this.ledger = ledger;
  }

  static Life start(Stage stage, Subject subject, Fault fault, Goal goal) throws IOException {
    Path archive = archive(stage);
    List<String> options =
        Files.exists(archive)
            ? List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds=off")
            : List.of();
    return start(stage, subject, fault, goal, options);
  }

  /**
   * Starts one that writes down which classes it loads, for quick starts, when it ends in order.
   */
  static Life startFirst(Stage stage, Subject subject, Goal goal) throws IOException {
    List<String> options = List.of("-XX:ArchiveClassesAtExit=" + archive(stage), "-Xlog:cds=off");
    return start(stage, subject, Fault.NONE, goal, options);
  }

  private static Life start(
      Stage stage, Subject subject, Fault fault, Goal goal, List<String> options)
      throws IOException {
    Path file = stage.folder().resolve(subject.model() + ".json");
    Ledger ledger = write(stage, subject, fault, goal, file);
    List<String> command = stage.programs().serving("loadtest", options);
    command.addAll(List.of(RehearsedServer.class.getName(), file.toString()));
    Path log = stage.folder().resolve(subject.model() + ".log");
    return new Life(ChildProcess.start(subject.model(), command, log), ledger);
  }

  private static Path archive(Stage stage) {
    return stage.folder().resolve("learner.jsa");
  }

  private static Ledger write(Stage stage, Subject subject, Fault fault, Goal goal, Path file)
      throws IOException {
    Path ledger = stage.folder().resolve(subject.model() + ".ledger");
    // A page of its own: the old one is still mapped by who held it.
    Files.deleteIfExists(ledger);
    new LearnerSpec(
            stage.bootstrap(),
            subject.model(),
            Subject.TOPIC,
            subject.model() + "-1",
            data(stage, subject),
            ledger,
            subject.pace(),
            fault,
            goal)
        .write(file);
    return Ledger.open(ledger);
  }

  /** The folder of a subject's learner. */
  static Path data(Stage stage, Subject subject) {
    return stage.folder().resolve(subject.model());
  }

  Ledger ledger() {
    return ledger;
  }

  ChildProcess process() {
    return process;
  }

  /** Waits until it has learned so many rows in this life. */
  void awaitRows(long rows) throws IOException, InterruptedException {
    await(rows + " rows of this life", () -> ledger.rows() >= rows);
  }

  /** Waits until it has learned every record before an offset. */
  void awaitOffset(long nextOffset) throws IOException, InterruptedException {
    await("offset " + nextOffset, () -> ledger.nextOffset() >= nextOffset);
  }

  /** Waits until it has committed another checkpoint. */
  void awaitCheckpoint() throws IOException, InterruptedException {
    long before = ledger.passages(CrashPoint.AFTER_COMMIT);
    await("its next checkpoint", () -> ledger.passages(CrashPoint.AFTER_COMMIT) > before);
  }

  /** Waits until it stands still at a point that was armed. */
  void awaitHeld() throws IOException, InterruptedException {
    await("the point where it is to be held", ledger::held);
  }

  private void await(String what, BooleanSupplier there) throws IOException, InterruptedException {
    process.await(
        there::getAsBoolean,
        LOOK,
        PATIENCE,
        () ->
            "it has learned up to offset " + ledger.nextOffset() + " and has not come to " + what);
  }

  /** Waits until it has died at its crash point. */
  void awaitDeath(String point) throws IOException, InterruptedException {
    if (!process.ended(PATIENCE)) {
      throw process.failure("it did not come to " + point + " in " + PATIENCE.toSeconds() + " s");
    }
    requireKilled();
  }

  /** SIGKILL after a while. */
  void killAfter(Duration pause) throws IOException, InterruptedException {
    if (!process.ended(pause)) {
      process.kill();
    }
    requireKilled();
  }

  private void requireKilled() throws IOException {
    if (process.exitCode() != KILLED) {
      throw process.failure("it ended by itself, with exit code " + process.exitCode());
    }
  }

  /** Waits until it has reached its goal and ended in order. */
  void awaitGoal(Duration patience) throws IOException, InterruptedException {
    if (!process.ended(patience)) {
      throw process.failure(
          "it has not reached its goal after "
              + patience.toSeconds()
              + " s, and has learned up to offset "
              + ledger.nextOffset());
    }
    if (process.exitCode() != 0) {
      throw process.failure("it ended with exit code " + process.exitCode());
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
