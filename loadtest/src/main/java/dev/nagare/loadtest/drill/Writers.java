package dev.nagare.loadtest.drill;

import dev.nagare.loadtest.drill.verify.LogBatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Who wrote into the topics of the disturbed model, by the broker's own logs. For one thread. */
final class Writers {
  private static final List<String> TOPICS =
      List.of(
          Subject.DISTURBED.model() + ".predictions",
          Subject.DISTURBED.model() + ".dead-letter",
          "nagare.registry",
          "nagare.snapshots");

  private final Stage stage;

  Writers(Stage stage) {
    this.stage = stage;
  }

  /** Batches of writers that had been replaced: of one id, epochs only grow. */
  List<LogBatch> late() throws IOException {
    List<LogBatch> late = new ArrayList<>();
    for (String topic : TOPICS) {
      late.addAll(LogBatch.late(LogBatch.read(stage.broker().logs(), topic)));
    }
    return late;
  }

  /** The newest batch of predictions: who learns now. */
  LogBatch newest() throws IOException {
    List<LogBatch> predictions = predictions();
    if (predictions.isEmpty()) {
      throw new DrillException("nobody has written a prediction yet");
    }
    return predictions.getLast();
  }

  /** Batches of predictions, without the broker's markers. */
  List<LogBatch> predictions() throws IOException {
    return LogBatch.read(stage.broker().logs(), TOPICS.getFirst()).stream()
        .filter(batch -> !batch.marker())
        .toList();
  }

  /** Batches in any topic, as many as there are now. */
  Mark mark() throws IOException {
    List<Integer> counts = new ArrayList<>();
    for (String topic : TOPICS) {
      counts.add(LogBatch.read(stage.broker().logs(), topic).size());
    }
    return new Mark(counts);
  }

  /** A moment in the logs. */
  record Mark(List<Integer> counts) {}

  /** Batches that came after a moment from a writer of the same id with an earlier epoch. */
  List<LogBatch> since(Mark mark, LogBatch takenOverBy) throws IOException {
    List<LogBatch> old = new ArrayList<>();
    for (int i = 0; i < TOPICS.size(); i++) {
      List<LogBatch> all = LogBatch.read(stage.broker().logs(), TOPICS.get(i));
      for (LogBatch batch : all.subList(mark.counts().get(i), all.size())) {
        if (batch.producerId() == takenOverBy.producerId() && batch.epoch() < takenOverBy.epoch()) {
          old.add(batch);
        }
      }
    }
    return old;
  }
}
