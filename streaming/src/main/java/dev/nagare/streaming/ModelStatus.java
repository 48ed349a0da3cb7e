package dev.nagare.streaming;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a model is doing.
 *
 * @param ready whether it answers: kernels warm, a version published
 * @param degraded why learning stands still, such as "Kafka at 127.0.0.1:9092 does not answer", or
 *     what it went on without: a roll-back that no door had written; null if nothing is wrong, or
 *     if this process does not learn the model; of a model of the repository: why what was to be
 *     loaded is not, or why its folder cannot be read
 * @param learning whether this process is the model's learner now
 * @param version published version: the learner's step
 * @param lineage which records that version has learned; null for a model that does not learn
 * @param learnedExamples records learned since this process started
 * @param deadLetters records refused since this process started
 * @param guards steps taken back since this process started, by guard; guards that never tripped
 *     are absent
 * @param fenced times that another process took over without being asked to
 * @param checkpointStep step of the newest checkpoint in the registry; -1 before the first
 * @param checkpointError why the last checkpoint could not be written, with the remedy; null if it
 *     could
 */
public record ModelStatus(
    boolean ready,
    @Nullable String degraded,
    boolean learning,
    long version,
    @Nullable Lineage lineage,
    long learnedExamples,
    long deadLetters,
    Map<String, Long> guards,
    long fenced,
    long checkpointStep,
    @Nullable String checkpointError) {

  /** Of a model of the repository, which does not learn. */
  static ModelStatus loaded(long version, boolean ready, @Nullable String failure) {
    return new ModelStatus(ready, failure, false, version, null, 0, 0, Map.of(), 0, -1, null);
  }

  /** The same with a reason why not all goes on, if it has none yet. */
  public ModelStatus withDegraded(@Nullable String reason) {
    return degraded != null || reason == null
        ? this
        : new ModelStatus(
            ready,
            reason,
            learning,
            version,
            lineage,
            learnedExamples,
            deadLetters,
            guards,
            fenced,
            checkpointStep,
            checkpointError);
  }

  /** Next offset to learn after the published version; -1 for a model that does not learn. */
  public long nextOffset() {
    return lineage == null ? -1 : lineage.nextOffset();
  }
}
