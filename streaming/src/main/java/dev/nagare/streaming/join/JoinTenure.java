package dev.nagare.streaming.join;

import dev.nagare.streaming.Fate;
import dev.nagare.streaming.LabelFault;
import dev.nagare.streaming.StreamingConfig.Joining;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.kafka.LogReader;
import dev.nagare.streaming.kafka.OutputWriter;
import dev.nagare.streaming.kafka.RecordBatch;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The time in which this process joins a model's labels, from the fence to the last commit.
 *
 * <ol>
 *   <li>fence: every earlier owner is shut out, what it left open is aborted;
 *   <li>read where it was ({@link JoinStart});
 *   <li>read predictions from there, and labels; write examples, what became of other labels, and
 *       offsets in one transaction after the other ({@link JoinCommitter}).
 * </ol>
 *
 * <p>A label's prediction is in the log before the label is, so a prediction's turn comes when a
 * label names it or a later one. The turn of the others comes when every label was judged that was
 * there when they were read: so a label that was in time is in time however late it is read, and
 * what was predicted meanwhile makes nobody forget what it is about. For one thread.
 */
final class JoinTenure implements AutoCloseable {
  private static final Duration NOTHING = Duration.ZERO;
  private static final Duration POLL = Duration.ofMillis(50);
  private static final long LOOK_NANOS = 100_000_000;

  private final LearnedModel config;
  private final Joining joining;
  private final int classes;
  private final KafkaCluster cluster;
  private final BooleanSupplier ending;
  private final JoinCommitter committer;
  private final JoinWriter writer;
  private final PredictionLog predictions;
  private final LogReader labels;
  private final Remembered remembered;
  private long nextLabel;
  private long labelsEnd;
  private long predictionsEnd;

  /** Whether the broker was asked for it since these labels came. */
  private boolean asked;

  private long lookedNanos = System.nanoTime();

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
    this.ending = ending;
    String group = groupOf(config);
    OutputWriter fenced = cluster.outputs(cluster.fence(group, group));
    LogReader first = null;
    LogReader second = null;
    try {
      first = cluster.log(Capture.topic(config));
      second = cluster.log(LabelDoor.topic(config));
      JoinStart start = JoinStart.read(cluster, config, group, first, second);
      this.predictions = new PredictionLog(first);
      this.labels = second;
      this.committer = new JoinCommitter(config, fenced, told, start.examplesEnd());
      this.writer = new JoinWriter(config, committer, start);
      this.remembered = new Remembered(joining, start.oldest(), start.joined());
      this.nextLabel = start.nextLabel();
    } catch (RuntimeException e) {
      if (first != null) {
        first.close();
      }
      if (second != null) {
        second.close();
      }
      fenced.close();
      throw e;
    }
  }

  /** The consumer group and transactional id of a model's join. */
  static String groupOf(LearnedModel config) {
    return "nagare-" + config.name() + "-join";
  }

  /** Joins until the end is asked for. */
  void run() {
    try {
      join();
      committer.finish();
    } catch (InterruptedException e) {
      // What was not committed is read again by whoever comes next.
      Thread.currentThread().interrupt();
    }
  }

  private void join() throws InterruptedException {
    try {
      boolean more = false;
      while (!ending.getAsBoolean()) {
        Optional<RecordBatch> batch = labels.poll(more ? NOTHING : POLL);
        if (batch.isPresent()) {
          judge(batch.get());
        }
        more = goOn(batch.isEmpty());
        forget();
        give();
      }
    } catch (EndException e) {
      // What was not given to be written is read again by whoever comes next.
    }
  }

  private void give() throws InterruptedException {
    long position = predictions.position();
    if (!writer.giveIfDue(remembered, position, nextLabel, labels.lag(), ending)) {
      throw new EndException();
    }
  }

  /**
   * Lets the turn come to predictions that no label has named, if no label is left that was given
   * before they were read. False if there is nothing to go on with.
   *
   * @param idle whether no label has come just now; while they come there is seldom an end of them
   */
  private boolean goOn(boolean idle) {
    long now = System.nanoTime();
    boolean more = false;
    if (idle || now - lookedNanos > LOOK_NANOS) {
      lookedNanos = now;
      // In this order: a label that is given after these predictions were read may wait.
      more = predictions.read(NOTHING) && !hasLabels();
      if (more) {
        predictions.take(
            Long.MAX_VALUE,
            (offset, timestamp, owner, value) -> {
              remember(offset, timestamp, owner, value);
              remembered.time(timestamp);
            });
      }
    }
    remembered.readTo(predictions.position());
    return more;
  }

  /** Whether there are labels that were not judged. */
  private boolean hasLabels() {
    long position = labels.position();
    if (position >= labelsEnd) {
      labelsEnd = labels.end(); // asks the broker; an end that it told stays true
    }
    return position < labelsEnd;
  }

  private void remember(long offset, long timestampMillis, String owner, byte[] value) {
    remembered.add(offset, timestampMillis, writer.examplesFrom(offset), owner, value);
  }

  private void judge(RecordBatch batch) throws InterruptedException {
    asked = false;
    for (int i = 0; i < batch.size(); i++) {
      remembered.time(batch.timestampMillis(i));
      forget();
      judge(batch, i);
      nextLabel = batch.offset(i) + 1;
      if (writer.isMuch()) {
        give();
      }
    }
  }

  private void judge(RecordBatch batch, int index) {
    LabelRecord label;
    try {
      label = LabelRecord.read(batch.value(index), classes);
    } catch (LabelRecord.InvalidException e) {
      writer.invalid(batch, index, LabelFault.MALFORMED, String.valueOf(e.getMessage()));
      return;
    }
    PredictionId id = PredictionId.parse(label.id()).orElse(null);
    if (id == null || !id.topic().equals(Capture.topic(config)) || id.partition() != 0) {
      writer.unfit(batch, index, Fate.UNMATCHED, "expected a prediction_id of " + config.name());
      return;
    }
    if (id.offset() >= predictions.position() && isThere(id.offset())) {
      reach(id.offset());
    }
    join(batch, index, label, id);
  }

  /** Whether the log of predictions has come to an offset. */
  private boolean isThere(long offset) {
    if (offset >= predictionsEnd && !asked) {
      // Asked after the labels came: what they are about is before this.
      predictionsEnd = cluster.end(Capture.topic(config));
      asked = true;
    }
    return offset < predictionsEnd;
  }

  /**
   * Lets the turn come to the predictions up to an offset. The time is that of the label that asks
   * for them, and later than theirs.
   */
  private void reach(long offset) {
    while (predictions.position() <= offset) {
      if (ending.getAsBoolean()) {
        throw new EndException();
      }
      if (predictions.read(POLL)) {
        predictions.take(offset, this::remember);
      }
      remembered.readTo(predictions.position());
      forget(); // each time: the way may be long
    }
  }

  private void join(RecordBatch batch, int index, LabelRecord label, PredictionId id) {
    if (id.offset() < remembered.floor()) {
      writer.unfit(batch, index, Fate.LATE, "the prediction is forgotten");
      return;
    }
    Remembered.Prediction prediction = remembered.find(id.offset());
    if (prediction == null) {
      writer.unfit(batch, index, Fate.UNMATCHED, "there is no prediction of this id");
      return;
    }
    if (!mayLabel(batch, index, prediction.owner)) {
      writer.invalid(
          batch, index, LabelFault.OWNER, "the prediction was asked for by another principal");
      return;
    }
    byte[] value = prediction.value;
    if (value == null) {
      writer.unfit(batch, index, Fate.REPEATED, "the prediction has its label already");
      return;
    }
    ExampleJson recorded = ExampleJson.of(value);
    int rows = recorded.rows();
    if (rows != label.labels().length) {
      writer.invalid(
          batch,
          index,
          LabelFault.ROWS,
          "expected " + rows + " labels, one for each row, got " + label.labels().length);
      return;
    }
    String receipt = LabelDoor.topic(config) + "-0-" + batch.offset(index);
    writer.joined(
        recorded,
        label.labels(),
        new ExampleJson.Origin(
            id, prediction.timestampMillis, receipt, batch.timestampMillis(index)));
    remembered.joined(prediction);
  }

  /** Whoever writes to the topic without a door is Kafka's to allow: its labels name nobody. */
  private static boolean mayLabel(RecordBatch batch, int index, String owner) {
    @Nullable String giver = batch.header(index, Capture.PRINCIPAL);
    return giver == null || giver.equals(owner) || batch.header(index, LabelDoor.ANY) != null;
  }

  /** Lets go of what is beyond the limits; what has no label by now may get the usual one. */
  private void forget() {
    for (Remembered.Prediction prediction : remembered.forget()) {
      writer.forgotten();
      byte[] value = prediction.value;
      if (value != null && joining.unlabelled() >= 0) {
        ExampleJson recorded = ExampleJson.of(value);
        int[] usual = new int[recorded.rows()];
        Arrays.fill(usual, joining.unlabelled());
        var id = new PredictionId(Capture.topic(config), 0, prediction.offset);
        writer.example(
            recorded,
            usual,
            new ExampleJson.Origin(
                id,
                prediction.timestampMillis,
                null,
                prediction.timestampMillis + joining.patience().toMillis()));
      }
    }
  }

  /** Ends at once: what was not committed was not written. */
  @Override
  public void close() {
    committer.close();
    predictions.close();
    labels.close();
  }
}
