package dev.nagare.loadtest.bench.learn;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.learn.Predictions.Prediction;
import dev.nagare.loadtest.process.Server;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a model predicted of rows that went through the real learner as fast as it takes them.
 *
 * @param predictions an entry per row; null where the model said nothing yet
 * @param eventsPerSecond from the first prediction to the last, by the learner's clock
 * @param cpuSeconds processor time of the server's process meanwhile, all its threads
 */
record LearnerRun(List<float @Nullable []> predictions, double eventsPerSecond, double cpuSeconds) {

  /**
   * What a model learns.
   *
   * @param model its name
   * @param entry its entry in the start-up file
   * @param rows records, in order
   */
  record Task(String model, String entry, List<byte[]> rows) {
    String topic() {
      return model + ".requests";
    }
  }

  /** Runs tasks in one server: all topics are full before it starts. */
  static List<LearnerRun> sideBySide(List<Task> tasks, Bench bench)
      throws IOException, InterruptedException {
    try (Stage stage = Stage.open()) {
      for (Task task : tasks) {
        stage.create(task.model());
        stage.fill(task.topic(), task.rows());
      }
      Server server = stage.server("learner", entries(tasks), false);
      List<LearnerRun> runs = new ArrayList<>();
      for (Task task : tasks) {
        runs.add(await(task, stage.predictions(task.model()), server, bench));
      }
      return runs;
    }
  }

  /**
   * Runs tasks in one server that has one core, each when the one before is done: the first one
   * finds a cold JVM, the others a warm one.
   */
  static List<LearnerRun> inTurn(List<Task> tasks, Bench bench)
      throws IOException, InterruptedException {
    try (Stage stage = Stage.open()) {
      for (Task task : tasks) {
        stage.create(task.model());
      }
      stage.fill(tasks.getFirst().topic(), tasks.getFirst().rows());
      Server server = stage.server("learner", entries(tasks), true);
      List<LearnerRun> runs = new ArrayList<>();
      for (Task task : tasks) {
        Predictions predictions = stage.predictions(task.model());
        if (!runs.isEmpty()) {
          stage.fill(task.topic(), task.rows());
        }
        runs.add(await(task, predictions, server, bench));
      }
      return runs;
    }
  }

  private static String entries(List<Task> tasks) {
    var entries = new StringBuilder();
    tasks.forEach(task -> entries.append(task.entry().indent(2)));
    return entries.toString();
  }

  private static LearnerRun await(Task task, Predictions from, Server server, Bench bench)
      throws IOException, InterruptedException {
    Duration before = server.process().cpuTime();
    List<Prediction> found = from.await(task.rows().size(), server, bench, task.model());
    Duration used = server.process().cpuTime().minus(before);
    double millis = found.getLast().writtenMillis() - found.getFirst().writtenMillis();
    return new LearnerRun(
        byRow(task, found), (found.size() - 1) * 1e3 / Math.max(1, millis), used.toNanos() * 1e-9);
  }

  private static List<float @Nullable []> byRow(Task task, List<Prediction> found)
      throws IOException {
    if (found.size() != task.rows().size()) {
      throw new IOException(
          task.model() + ": expected " + task.rows().size() + " predictions, got " + found.size());
    }
    List<float @Nullable []> byRow = new ArrayList<>();
    for (Prediction prediction : found) {
      if (prediction.offset() != byRow.size()) {
        throw new IOException(
            task.model()
                + ": expected the prediction of row "
                + byRow.size()
                + ", got that of row "
                + prediction.offset());
      }
      byRow.add(prediction.values());
    }
    return byRow;
  }
}
