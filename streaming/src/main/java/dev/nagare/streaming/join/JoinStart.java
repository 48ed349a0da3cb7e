package dev.nagare.streaming.join;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.kafka.LogReader;
import dev.nagare.streaming.kafka.RecordBatch;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Where the one before stopped, as its last transaction says. To be read after the fence: nobody
 * can change it any more.
 *
 * @param oldest offset of the oldest prediction that is remembered
 * @param known offset after the last prediction that an earlier owner may have joined
 * @param nextLabel offset of the next label
 * @param joined offsets of the remembered predictions that have their label
 * @param examplesStart offset before which no example of a remembered prediction is
 * @param examplesEnd offset after the last example
 */
record JoinStart(
    long oldest,
    long known,
    long nextLabel,
    Set<Long> joined,
    long examplesStart,
    long examplesEnd) {
  private static final Duration POLL = Duration.ofMillis(50);

  /**
   * Reads it, and puts both readers at what is to be read next.
   *
   * @param group whose offsets count
   * @throws IllegalStateException with the remedy, if labels were lost before they were read
   */
  static JoinStart read(
      KafkaCluster cluster,
      LearnedModel config,
      String group,
      LogReader predictions,
      LogReader labels) {
    String predicted = Capture.topic(config);
    long begin = predictions.begin();
    long oldest = Math.max(begin, cluster.committed(group, predicted).orElse(begin));
    predictions.seek(oldest);
    long known = predictions.end();
    String labelled = LabelDoor.topic(config);
    long firstLabel = labels.begin();
    long nextLabel = cluster.committed(group, labelled).orElse(firstLabel);
    if (nextLabel < firstLabel) {
      throw new IllegalStateException(
          labelled
              + " begins at offset "
              + firstLabel
              + ", offset "
              + nextLabel
              + " is wanted: labels were lost before they were joined; raise retention.ms of the"
              + " topic, and go on without them by deleting the group "
              + group);
    }
    labels.seek(nextLabel);
    String examples = config.topic();
    try (LogReader log = cluster.log(examples)) {
      long end = log.end();
      long first = log.begin();
      long from = Math.clamp(cluster.committed(group, examples).orElse(first), first, end);
      log.seek(from);
      return new JoinStart(oldest, known, nextLabel, joined(log, end, oldest), from, end);
    }
  }

  /** Which of the predictions from an offset on have their label: each has an example. */
  private static Set<Long> joined(LogReader examples, long end, long oldest) {
    Set<Long> joined = new HashSet<>();
    while (examples.position() < end) {
      Optional<RecordBatch> batch = examples.poll(POLL);
      for (int i = 0; batch.isPresent() && i < batch.get().size(); i++) {
        byte[] key = batch.get().key(i);
        PredictionId.parse(key == null ? "" : new String(key, UTF_8))
            .filter(id -> id.offset() >= oldest)
            .ifPresent(id -> joined.add(id.offset()));
      }
    }
    return joined;
  }
}
