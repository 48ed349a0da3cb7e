package dev.nagare.loadtest.bench.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.process.Server;
import dev.nagare.streaming.kafka.LogReader;
import dev.nagare.streaming.kafka.RecordBatch;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a model has predicted, read from its topic as anybody may. Used by one thread. */
final class Predictions implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration SILENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final LogReader reader;
  private final String model;

  /**
   * One committed record.
   *
   * @param offset of the row that it answers
   * @param writtenMillis when the learner sent it, milliseconds since the epoch by its clock
   * @param values flattened; null while the model's window is not full
   */
  @SuppressWarnings("ArrayRecordComponent") // read once, compared by nobody
  record Prediction(long offset, long writtenMillis, float @Nullable [] values) {}

  Predictions(LogReader reader, String model) {
    this.reader = reader;
    this.model = model;
  }

  /**
   * Waits for the predictions of so many rows. Nothing is decoded before the last one is there: the
   * learner is being measured.
   *
   * @param learner watched meanwhile
   * @throws IOException if the learner ends, or says nothing for a minute
   */
  List<Prediction> await(int rows, Server learner, Bench bench, String what)
      throws IOException, InterruptedException {
    List<RecordBatch> batches = new ArrayList<>();
    int seen = 0;
    long heardNanos = System.nanoTime();
    while (seen < rows) {
      RecordBatch batch = poll();
      if (batch != null) {
        batches.add(batch);
        seen += batch.size();
        heardNanos = System.nanoTime();
      } else if (System.nanoTime() - heardNanos > SILENCE.toNanos()) {
        throw learner.process().failure(model + " predicts nothing for a minute, after " + seen);
      }
      learner.process().requireAlive();
      bench.bar().show((double) seen / rows, what + ", " + seen + " of " + rows + " rows");
    }
    List<Prediction> predictions = new ArrayList<>(seen);
    for (RecordBatch batch : batches) {
      for (int i = 0; i < batch.size(); i++) {
        predictions.add(decode(batch, i));
      }
    }
    return predictions;
  }

  /**
   * Waits for the next prediction that was written at or after a moment, milliseconds since the
   * epoch.
   */
  Prediction awaitFrom(long millis, Server learner) throws IOException {
    long begun = System.nanoTime();
    while (System.nanoTime() - begun < SILENCE.toNanos()) {
      RecordBatch batch = poll();
      for (int i = 0; batch != null && i < batch.size(); i++) {
        if (batch.timestampMillis(i) >= millis) {
          return decode(batch, i);
        }
      }
      learner.process().requireAlive();
    }
    throw learner.process().failure(model + " predicts nothing for a minute");
  }

  private @Nullable RecordBatch poll() {
    return reader.poll(POLL).orElse(null);
  }

  private static Prediction decode(RecordBatch batch, int index) throws IOException {
    JsonNode answer = JSON.readTree(batch.value(index));
    String id = answer.path("id").asText();
    long offset = Long.parseLong(id.substring(id.lastIndexOf('-') + 1));
    JsonNode data = answer.path("outputs").path(0).path("data");
    return new Prediction(
        offset, batch.timestampMillis(index), data.isMissingNode() ? null : floats(data));
  }

  private static float[] floats(JsonNode data) throws IOException {
    float[] values = new float[data.size()];
    for (int i = 0; i < values.length; i++) {
      JsonNode value = data.get(i);
      if (!value.isNumber()) {
        throw new IOException("a prediction holds " + value + " where a number belongs");
      }
      values[i] = value.floatValue();
    }
    return values;
  }

  @Override
  public void close() {
    reader.close();
  }
}
