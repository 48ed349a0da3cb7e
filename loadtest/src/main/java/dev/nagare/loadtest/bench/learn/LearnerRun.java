package dev.nagare.loadtest.bench.learn;

import dev.nagare.loadtest.bench.Bench;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows that went through the real learner as fast as it takes them, and what it predicted.
 *
 * <p>The topics are full before the server starts, so that nothing but the learner sets the pace.
 *
 * @param predictions by model, an entry per row; null where the model said nothing yet
 * @param eventsPerSecond from the first prediction to the last of the slowest model, by the
 *     learner's clock
 * @param cpuSeconds processor time of the server's process, its start included
 */
record LearnerRun(
    Map<String, List<float @Nullable []>> predictions, double eventsPerSecond, double cpuSeconds) {

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

  /** Runs tasks side by side in one server. */
  static LearnerRun of(List<Task> tasks, boolean oneCore, Bench bench)
      throws IOException, InterruptedException {
    try (Stage stage = Stage.open()) {
      var models = new StringBuilder();
      for (Task task : tasks) {
        stage.create(task.model());
        stage.fill(task.topic(), task.rows());
        models.append(task.entry().indent(2));
      }
      Server server = stage.server("learner", models.toString(), oneCore);
      Map<String, List<float @Nullable []>> predictions = new LinkedHashMap<>();
      double slowest = Double.POSITIVE_INFINITY;
      for (Task task : tasks) {
        var found =
            stage
                .predictions(task.model())
                .await(task.rows().size(), server, bench, task.model());
        predictions.put(task.model(), byRow(task, found));
        double millis = found.getLast().writtenMillis() - found.getFirst().writtenMillis();
        slowest = Math.min(slowest, (found.size() - 1) * 1e3 / Math.max(1, millis));
      }
      return new LearnerRun(
          predictions, slowest, server.process().cpuTime().toNanos() * 1e-9);
    }
  }

  private static List<float @Nullable []> byRow(Task task, List<Predictions.Prediction> found)
      throws IOException {
    if (found.size() != task.rows().size()) {
      throw new IOException(
          task.model() + ": expected " + task.rows().size() + " predictions, got " + found.size());
    }
    List<float @Nullable []> byRow = new ArrayList<>();
    for (var prediction : found) {
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
