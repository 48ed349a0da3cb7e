package dev.nagare.streaming.join;

import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.kafka.OutputWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What goes out together: examples, letters, and the offsets that they came to. Sent as it is
 * added, but for the last example, whose place in the log tells where the examples end. For one
 * thread.
 */
final class JoinTransaction {
  private static final int LARGEST_RECORDS = 2000;
  private static final long LARGEST_BYTES = 1 << 24;

  private final LearnedModel config;
  private final OutputWriter writer;
  private final List<Judged> parts = new ArrayList<>();
  private final long startedNanos = System.nanoTime();
  private Judged.@Nullable Example last;
  private int records;
  private long bytes;

  /** Begins with nothing. */
  JoinTransaction(LearnedModel config, OutputWriter writer) {
    this.config = config;
    this.writer = writer;
    writer.begin();
  }

  /** Sends what some labels have come to. */
  void add(Judged judged) {
    for (Judged.Example example : judged.examples()) {
      Judged.Example before = last;
      if (before != null) {
        writer.send(config.topic(), before.key(), before.value(), Map.of());
      }
      last = example;
    }
    String deadLetters = config.name() + ".dead-letter";
    for (Judged.Letter letter : judged.letters()) {
      writer.send(deadLetters, letter.key(), letter.value(), letter.headers());
    }
    records += judged.records();
    bytes += judged.bytes();
    parts.add(judged);
  }

  /** Whether it is as large as it may be. */
  boolean isFull() {
    return records >= LARGEST_RECORDS || bytes >= LARGEST_BYTES;
  }

  /** Whether it would be as large as it may be with so many records. */
  boolean isFullWith(long more) {
    return records + more >= LARGEST_RECORDS;
  }

  /**
   * Commits.
   *
   * @param progress that it came to
   * @param examplesEnd offset after the last example before it
   * @return offset after the last example with it
   */
  long commit(JoinProgress progress, long examplesEnd) throws InterruptedException {
    Judged.Example example = last;
    long end =
        example == null
            ? examplesEnd
            : writer.sendAndWait(config.topic(), example.key(), example.value()) + 1;
    writer.sendOffsets(
        Map.of(
            Capture.topic(config),
            progress.floor(),
            LabelDoor.topic(config),
            progress.nextLabel(),
            config.topic(),
            Math.min(progress.examplesFrom(), end)));
    writer.commit();
    return end;
  }

  /** Says what was committed. */
  void tell(StreamingObserver told, int waiting) {
    String model = config.name();
    int forgotten = 0;
    for (Judged part : parts) {
      part.fates().forEach((fate, count) -> told.labelled(model, fate, count));
      part.faults().forEach((fault, count) -> told.invalidLabels(model, fault, count));
      forgotten += part.forgotten();
    }
    told.joined(model, waiting, forgotten, System.nanoTime() - startedNanos);
  }
}
