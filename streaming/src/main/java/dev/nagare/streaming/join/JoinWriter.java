package dev.nagare.streaming.join;

import dev.nagare.streaming.Fate;
import dev.nagare.streaming.LabelFault;
import dev.nagare.streaming.StreamingConfig.Joining;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.StreamingConfig.Unfit;
import dev.nagare.streaming.kafka.RecordBatch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * Gathers what labels come to, and gives it to the {@link JoinCommitter} when there is something.
 * For the thread that judges.
 */
final class JoinWriter {
  private static final long QUIET_COMMIT_NANOS = 1_000_000_000L;

  /** Kafka forgets offsets that nobody commits for long, though the group reads. */
  private static final long REFRESH_NANOS = 3_600_000_000_000L;

  private final LearnedModel config;
  private final Joining joining;
  private final JoinCommitter committer;
  private final JoinStart start;
  private Judged judged = new Judged();
  private long givenFloor;
  private long givenLabel;
  private long givenNanos = System.nanoTime();

  /** Begins with nothing. */
  JoinWriter(LearnedModel config, JoinCommitter committer, JoinStart start) {
    this.config = config;
    this.joining = Objects.requireNonNull(config.joining(), "a model whose labels are joined");
    this.committer = committer;
    this.start = start;
    this.givenFloor = start.oldest();
    this.givenLabel = start.nextLabel();
  }

  /**
   * Offset in the examples' topic before which there is none of a prediction that is met now. What
   * is on its way there is of others.
   */
  long examplesFrom(long prediction) {
    return prediction < start.known() ? start.examplesStart() : committer.examplesEnd();
  }

  /** A label has met its prediction. */
  void joined(ExampleJson prediction, int[] labels, ExampleJson.Origin origin) {
    example(prediction, labels, origin);
    judged.fate(Fate.JOINED);
  }

  /** A prediction is made an example, one for each row. */
  void example(ExampleJson prediction, int[] labels, ExampleJson.Origin origin) {
    for (int row = 0; row < labels.length; row++) {
      judged.example(origin.id(), prediction.example(row, labels[row], origin));
    }
  }

  /** A prediction was forgotten without a label. */
  void forgotten() {
    judged.forget();
  }

  /** A label is not valid. */
  void invalid(RecordBatch batch, int index, LabelFault fault, String reason) {
    unfit(batch, index, Fate.INVALID, reason);
    judged.fault(fault);
  }

  /** A label has another fate than to be joined. */
  void unfit(RecordBatch batch, int index, Fate fate, String reason) {
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
    judged.letter(
        new Judged.Letter(
            whole ? batch.key(index) : null, whole ? batch.value(index) : null, headers));
    judged.fate(fate);
  }

  /** Whether much has gathered, so that it is to be given away before the next label. */
  boolean isMuch() {
    return judged.isMuch();
  }

  /**
   * Gives away what has gathered, if there is something.
   *
   * @param position offset of the next prediction
   * @param nextLabel offset of the next label
   * @param lag labels that wait and were not read yet, as far as is known
   * @param giveUp looked at now and then, while much waits already
   * @return false if it gave up: what had gathered is not written, and nothing may be after it
   * @throws RuntimeException the failure that ended the writing, if one did
   */
  boolean giveIfDue(
      Remembered remembered, long position, long nextLabel, long lag, BooleanSupplier giveUp)
      throws InterruptedException {
    committer.requireWell();
    boolean moved = remembered.floor() != givenFloor;
    long idleNanos = System.nanoTime() - givenNanos;
    if (judged.records() == 0
        && nextLabel == givenLabel
        && idleNanos <= REFRESH_NANOS
        && (!moved || idleNanos <= QUIET_COMMIT_NANOS)) {
      return true;
    }
    // Until what the last owner remembered is met again, its examples are needed.
    long from =
        position < start.known() ? start.examplesStart() : remembered.examplesFrom(Long.MAX_VALUE);
    var progress = new JoinProgress(remembered.floor(), nextLabel, from, remembered.waiting(), lag);
    if (!committer.add(judged, progress, giveUp)) {
      return false;
    }
    judged = new Judged();
    givenFloor = progress.floor();
    givenLabel = nextLabel;
    givenNanos = System.nanoTime();
    return true;
  }
}
