package dev.nagare.streaming.join;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.streaming.Fate;
import dev.nagare.streaming.StreamingConfig.Joining;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.StreamingConfig.Unfit;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.kafka.LogReader;
import dev.nagare.streaming.kafka.RecordBatch;
import dev.nagare.streaming.kafka.TransactionalWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The time in which this process joins a model's labels, from the fence to the last commit.
 *
 * <ol>
 *   <li>fence: every earlier owner is shut out, what it left open is aborted;
 *   <li>read where it was: the offset of the oldest prediction that is remembered, the next label,
 *       and from where on the examples' topic says which of those predictions have their label;
 *   <li>read predictions from there, and labels; write examples, what became of other labels, and
 *       all three offsets in one transaction.
 * </ol>
 *
 * <p>A label's prediction is in the log before the label is, so predictions are read up to the one
 * that a label names before the label is judged. For one thread.
 */
final class JoinTenure implements AutoCloseable {
  private static final Duration NOTHING = Duration.ZERO;
  private static final Duration POLL = Duration.ofMillis(50);
  private static final long QUIET_COMMIT_NANOS = 1_000_000_000L;

  /** Kafka forgets offsets that nobody commits for long, though the group reads. */
  private static final long REFRESH_NANOS = 3_600_000_000_000L;

  private final LearnedModel config;
  private final Joining joining;
  private final int classes;
  private final KafkaCluster cluster;
  private final StreamingObserver told;
  private final BooleanSupplier ending;
  private final TransactionalWriter writer;
  private final LogReader predictions;
  private final LogReader labels;
  private final Remembered remembered;
  private final String group;

  /** What the next transaction is to have. */
  private final List<Example> examples = new ArrayList<>();

  private final List<Letter> letters = new ArrayList<>();
  private final Map<Fate, Integer> fates = new LinkedHashMap<>();
  private int forgotten;

  /** Predictions before this offset may have been joined by an earlier owner. */
  private final long known;

  /** Where the examples of those begin. */
  private long examplesStart;

  private long examplesEnd;
  private long nextLabel;
  private long committedFloor;
  private long committedLabel;
  private long committedNanos = System.nanoTime();

  @SuppressWarnings("ArrayRecordComponent") // on its way out, compared by nobody
  private record Example(PredictionId id, byte[] value) {}

  @SuppressWarnings("ArrayRecordComponent") // on its way out, compared by nobody
  private record Letter(
      byte @Nullable [] key, byte @Nullable [] value, Map<String, String> headers) {}

  /** Somebody asked for the end while a label waited for its prediction. */
  private static final class EndException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EndException() {
      super(null, null, false, false);
    }
  }

  /**
   * Begins: fence, read, seek.
   *
   * @param classes of the model
   * @param ending whether to stop at the next edge
   * @throws IllegalStateException with the remedy, if labels were lost before they were read
   */
  JoinTenure(
      LearnedModel config,
      int classes,
      KafkaCluster cluster,
      StreamingObserver told,
      BooleanSupplier ending) {
    this.config = config;
    this.joining = Objects.requireNonNull(config.joining(), "a model whose labels are joined");
    this.classes = classes;
    this.cluster = cluster;
    this.told = told;
    this.ending = ending;
    this.group = groupOf(config);
    this.writer = cluster.fence(group, group);
    LogReader first = null;
    LogReader second = null;
    try {
      first = cluster.log(Capture.topic(config));
      second = cluster.log(LabelDoor.topic(config));
      this.predictions = first;
      this.labels = second;
      long from =
          Math.max(predictions.begin(), committed(Capture.topic(config), predictions.begin()));
      predictions.seek(from);
      known = predictions.end();
      nextLabel = committed(LabelDoor.topic(config), labels.begin());
      if (nextLabel < labels.begin()) {
        throw new IllegalStateException(
            LabelDoor.topic(config)
                + " begins at offset "
                + labels.begin()
                + ", offset "
                + nextLabel
                + " is wanted: labels were lost before they were joined; raise retention.ms of the"
                + " topic, and go on without them by deleting the group "
                + group);
      }
      labels.seek(nextLabel);
      remembered = new Remembered(joining, from, joinedFrom(from));
      committedFloor = from;
      committedLabel = nextLabel;
    } catch (RuntimeException e) {
      if (first != null) {
        first.close();
      }
      if (second != null) {
        second.close();
      }
      writer.close();
      throw e;
    }
  }

  /** The consumer group and transactional id of a model's join. */
  static String groupOf(LearnedModel config) {
    return "nagare-" + config.name() + "-join";
  }

  private long committed(String topic, long otherwise) {
    return cluster.committed(group, topic).orElse(otherwise);
  }

  /** Which of the predictions from an offset on have their label: each has an example. */
  private Set<Long> joinedFrom(long prediction) {
    Set<Long> joined = new HashSet<>();
    try (LogReader log = cluster.log(config.topic())) {
      long end = log.end();
      examplesStart = Math.clamp(committed(config.topic(), log.begin()), log.begin(), end);
      log.seek(examplesStart);
      while (log.position() < end) {
        Optional<RecordBatch> batch = log.poll(POLL);
        for (int i = 0; batch.isPresent() && i < batch.get().size(); i++) {
          byte[] key = batch.get().key(i);
          PredictionId.parse(key == null ? "" : new String(key, UTF_8))
              .filter(id -> id.offset() >= prediction)
              .ifPresent(id -> joined.add(id.offset()));
        }
      }
      examplesEnd = end;
    }
    return joined;
  }

  /** Joins until the end is asked for. */
  void run() {
    try {
      while (!ending.getAsBoolean()) {
        readPredictions(NOTHING);
        labels.poll(POLL).ifPresent(this::judge);
        forget();
        commitIfDue();
      }
    } catch (EndException e) {
      // What was not committed is read again by whoever comes next.
    }
  }

  private void readPredictions(Duration patience) {
    predictions
        .poll(patience)
        .ifPresent(
            batch -> {
              for (int i = 0; i < batch.size(); i++) {
                byte[] value = batch.value(i);
                if (value != null && batch.header(i, Capture.HEADER) != null) {
                  long examplesFrom = batch.offset(i) < known ? examplesStart : examplesEnd;
                  remembered.add(batch.offset(i), batch.timestampMillis(i), examplesFrom, value);
                  remembered.time(batch.timestampMillis(i));
                }
              }
            });
    remembered.readTo(predictions.position());
  }

  private void judge(RecordBatch batch) {
    long end = -1;
    for (int i = 0; i < batch.size(); i++) {
      remembered.time(batch.timestampMillis(i));
      forget();
      byte[] value = batch.value(i);
      LabelRecord label;
      try {
        label = LabelRecord.read(value, classes);
      } catch (LabelRecord.InvalidException e) {
        unfit(batch, i, Fate.INVALID, String.valueOf(e.getMessage()));
        continue;
      }
      PredictionId id = PredictionId.parse(label.id()).orElse(null);
      if (id == null || !id.topic().equals(Capture.topic(config)) || id.partition() != 0) {
        unfit(batch, i, Fate.UNMATCHED, "expected a prediction_id of " + config.name());
        continue;
      }
      if (id.offset() >= predictions.position() && end < 0) {
        // Asked after the labels came: what they are about is before this.
        end = cluster.end(Capture.topic(config));
      }
      reach(Math.min(id.offset(), end - 1));
      join(batch, i, label, id);
    }
    nextLabel = batch.offset(batch.size() - 1) + 1;
  }

  /** Reads predictions until the one at an offset was read. */
  private void reach(long offset) {
    while (predictions.position() <= offset) {
      if (ending.getAsBoolean()) {
        throw new EndException();
      }
      readPredictions(POLL);
      forget(); // each time: the way may be long
    }
  }

  private void join(RecordBatch batch, int index, LabelRecord label, PredictionId id) {
    if (id.offset() < remembered.floor()) {
      unfit(batch, index, Fate.LATE, "the prediction is forgotten");
      return;
    }
    Remembered.Prediction prediction = remembered.find(id.offset());
    if (prediction == null) {
      unfit(batch, index, Fate.UNMATCHED, "there is no prediction of this id");
      return;
    }
    byte[] value = prediction.value;
    if (value == null) {
      unfit(batch, index, Fate.REPEATED, "the prediction has its label already");
      return;
    }
    int rows = ExampleJson.rows(value);
    if (rows != label.labels().length) {
      unfit(
          batch,
          index,
          Fate.INVALID,
          "expected " + rows + " labels, one for each row, got " + label.labels().length);
      return;
    }
    String receipt = LabelDoor.topic(config) + "-0-" + batch.offset(index);
    add(
        value,
        label.labels(),
        new ExampleJson.Origin(
            id, prediction.timestampMillis, receipt, batch.timestampMillis(index)));
    remembered.joined(prediction);
    fates.merge(Fate.JOINED, 1, Integer::sum);
  }

  private void add(byte[] prediction, int[] classesOfRows, ExampleJson.Origin origin) {
    try {
      for (byte[] example : ExampleJson.of(prediction, classesOfRows, origin)) {
        examples.add(new Example(origin.id(), example));
      }
    } catch (IOException e) {
      throw new IllegalStateException(
          "prediction " + origin.id() + " cannot be read any more: " + e.getMessage(), e);
    }
  }

  private void unfit(RecordBatch batch, int index, Fate fate, String reason) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("topic", LabelDoor.topic(config));
    headers.put("partition", "0");
    headers.put("offset", Long.toString(batch.offset(index)));
    headers.put("kind", fate.label());
    headers.put("reason", reason);
    Unfit kept =
        switch (fate) {
          case LATE -> joining.late();
          case UNMATCHED -> joining.unmatched();
          default -> Unfit.KEEP;
        };
    boolean whole = kept == Unfit.KEEP;
    letters.add(
        new Letter(whole ? batch.key(index) : null, whole ? batch.value(index) : null, headers));
    fates.merge(fate, 1, Integer::sum);
  }

  /** Lets go of what is beyond the limits; what has no label by now may get the usual one. */
  private void forget() {
    for (Remembered.Prediction prediction : remembered.forget()) {
      forgotten++;
      byte[] value = prediction.value;
      int rows = value == null ? 0 : ExampleJson.rows(value);
      if (value != null && joining.unlabelled() >= 0 && rows > 0) {
        int[] usual = new int[rows];
        Arrays.fill(usual, joining.unlabelled());
        var id = new PredictionId(Capture.topic(config), 0, prediction.offset);
        add(
            value,
            usual,
            new ExampleJson.Origin(
                id,
                prediction.timestampMillis,
                null,
                prediction.timestampMillis + joining.patience().toMillis()));
      }
    }
  }

  private void commitIfDue() {
    boolean moved = remembered.floor() != committedFloor;
    boolean due =
        !examples.isEmpty()
            || nextLabel != committedLabel
            || System.nanoTime() - committedNanos > REFRESH_NANOS
            || (moved && System.nanoTime() - committedNanos > QUIET_COMMIT_NANOS);
    if (!due) {
      return;
    }
    long started = System.nanoTime();
    long end = examplesEnd;
    writer.begin();
    for (int i = 0; i < examples.size(); i++) {
      Example example = examples.get(i);
      byte[] key = example.id().toString().getBytes(UTF_8);
      if (i < examples.size() - 1) {
        writer.send(config.topic(), key, example.value(), Map.of());
      } else {
        end = last(key, example.value()) + 1;
      }
    }
    letters.forEach(
        letter ->
            writer.send(
                config.name() + ".dead-letter", letter.key(), letter.value(), letter.headers()));
    writer.sendOffsets(
        Map.of(
            Capture.topic(config),
            remembered.floor(),
            LabelDoor.topic(config),
            nextLabel,
            config.topic(),
            // Until what the last owner remembered is read again, its examples are needed.
            predictions.position() < known ? examplesStart : remembered.examplesFrom(end)));
    writer.commit();
    examplesEnd = end;
    committedFloor = remembered.floor();
    committedLabel = nextLabel;
    committedNanos = System.nanoTime();
    tell(committedNanos - started);
  }

  private long last(byte[] key, byte[] value) {
    try {
      return writer.sendAndWait(config.topic(), key, value);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EndException();
    }
  }

  private void tell(long nanos) {
    fates.forEach((fate, count) -> told.labelled(config.name(), fate, count));
    told.joined(config.name(), remembered.waiting(), forgotten, nanos);
    fates.clear();
    forgotten = 0;
    examples.clear();
    letters.clear();
  }

  /** Ends at once: what was not committed was not written. */
  @Override
  public void close() {
    writer.close();
    predictions.close();
    labels.close();
  }
}
