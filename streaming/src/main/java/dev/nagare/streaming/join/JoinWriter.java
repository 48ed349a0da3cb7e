package dev.nagare.streaming.join;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.streaming.Fate;
import dev.nagare.streaming.LabelFault;
import dev.nagare.streaming.StreamingConfig.Joining;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.StreamingConfig.Unfit;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.kafka.OutputWriter;
import dev.nagare.streaming.kafka.RecordBatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the next transaction of the join is to have: examples, the fates of other labels, and the
 * offsets that it has come to. For one thread.
 */
final class JoinWriter implements AutoCloseable {
  private static final long QUIET_COMMIT_NANOS = 1_000_000_000L;

  /** Kafka forgets offsets that nobody commits for long, though the group reads. */
  private static final long REFRESH_NANOS = 3_600_000_000_000L;

  private final LearnedModel config;
  private final Joining joining;
  private final OutputWriter writer;
  private final StreamingObserver told;
  private final JoinStart start;
  private final List<Example> examples = new ArrayList<>();
  private final List<Letter> letters = new ArrayList<>();
  private final Map<Fate, Integer> fates = new EnumMap<>(Fate.class);
  private final Map<LabelFault, Integer> faults = new EnumMap<>(LabelFault.class);
  private int forgotten;
  private long examplesEnd;
  private long committedFloor;
  private long committedLabel;
  private long committedNanos = System.nanoTime();

  @SuppressWarnings("ArrayRecordComponent") // on its way out, compared by nobody
  private record Example(PredictionId id, byte[] value) {}

  @SuppressWarnings("ArrayRecordComponent") // on its way out, compared by nobody
  private record Letter(
      byte @Nullable [] key, byte @Nullable [] value, Map<String, String> headers) {}

  /**
   * Begins with nothing.
   *
   * @param writer fenced; closed by {@link #close}
   */
  JoinWriter(LearnedModel config, OutputWriter writer, StreamingObserver told, JoinStart start) {
    this.config = config;
    this.joining = Objects.requireNonNull(config.joining(), "a model whose labels are joined");
    this.writer = writer;
    this.told = told;
    this.start = start;
    this.examplesEnd = start.examplesEnd();
    this.committedFloor = start.oldest();
    this.committedLabel = start.nextLabel();
  }

  /** Offset in the examples' topic before which there is none of a prediction that is met now. */
  long examplesFrom(long prediction) {
    return prediction < start.known() ? start.examplesStart() : examplesEnd;
  }

  /** A label has met its prediction. */
  void joined(byte[] prediction, int[] labels, ExampleJson.Origin origin) {
    example(prediction, labels, origin);
    fates.merge(Fate.JOINED, 1, Integer::sum);
  }

  /** A prediction is made an example, one for each row. */
  void example(byte[] prediction, int[] labels, ExampleJson.Origin origin) {
    try {
      for (byte[] example : ExampleJson.of(prediction, labels, origin)) {
        examples.add(new Example(origin.id(), example));
      }
    } catch (IOException e) {
      throw new IllegalStateException(
          "prediction " + origin.id() + " cannot be read any more: " + e.getMessage(), e);
    }
  }

  /** A prediction was forgotten without a label. */
  void forgotten() {
    forgotten++;
  }

  /** A label is not valid. */
  void invalid(RecordBatch batch, int index, LabelFault fault, String reason) {
    unfit(batch, index, Fate.INVALID, reason);
    faults.merge(fault, 1, Integer::sum);
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
    letters.add(
        new Letter(whole ? batch.key(index) : null, whole ? batch.value(index) : null, headers));
    fates.merge(fate, 1, Integer::sum);
  }

  /**
   * Commits, if there is something.
   *
   * @param position offset of the next prediction
   * @param nextLabel offset of the next label
   */
  void commitIfDue(Remembered remembered, long position, long nextLabel)
      throws InterruptedException {
    boolean moved = remembered.floor() != committedFloor;
    long idleNanos = System.nanoTime() - committedNanos;
    if (!examples.isEmpty()
        || nextLabel != committedLabel
        || idleNanos > REFRESH_NANOS
        || (moved && idleNanos > QUIET_COMMIT_NANOS)) {
      commit(remembered, position, nextLabel);
    } else if (idleNanos > QUIET_COMMIT_NANOS) {
      writer.settle();
    }
  }

  /** Records that the next transaction is to have. */
  int pending() {
    return examples.size() + letters.size();
  }

  /** Commits the offsets that were put off, if any. */
  void settle() {
    writer.settle();
  }

  private void commit(Remembered remembered, long position, long nextLabel)
      throws InterruptedException {
    long started = System.nanoTime();
    long end = examplesEnd;
    writer.begin();
    for (int i = 0; i < examples.size(); i++) {
      Example example = examples.get(i);
      byte[] key = example.id().toString().getBytes(UTF_8);
      if (i < examples.size() - 1) {
        writer.send(config.topic(), key, example.value(), Map.of());
      } else {
        end = writer.sendAndWait(config.topic(), key, example.value()) + 1;
      }
    }
    for (Letter letter : letters) {
      writer.send(config.name() + ".dead-letter", letter.key(), letter.value(), letter.headers());
    }
    writer.sendOffsets(
        Map.of(
            Capture.topic(config),
            remembered.floor(),
            LabelDoor.topic(config),
            nextLabel,
            config.topic(),
            // Until what the last owner remembered is met again, its examples are needed.
            position < start.known() ? start.examplesStart() : remembered.examplesFrom(end)));
    writer.commit();
    examplesEnd = end;
    committedFloor = remembered.floor();
    committedLabel = nextLabel;
    committedNanos = System.nanoTime();
    tell(remembered.waiting(), committedNanos - started);
  }

  private void tell(int waiting, long nanos) {
    fates.forEach((fate, count) -> told.labelled(config.name(), fate, count));
    faults.forEach((fault, count) -> told.invalidLabels(config.name(), fault, count));
    told.joined(config.name(), waiting, forgotten, nanos);
    fates.clear();
    faults.clear();
    forgotten = 0;
    examples.clear();
    letters.clear();
  }

  /** Ends at once: what was not committed was not written. */
  @Override
  public void close() {
    writer.close();
  }
}
