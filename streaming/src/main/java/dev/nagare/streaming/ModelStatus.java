package dev.nagare.streaming;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a model is doing.
 *
 * @param ready whether it answers: kernels warm, a version published
 * @param degraded why learning stands still, such as "Kafka at 127.0.0.1:9092 does not answer";
 *     null if it does not, or if this process does not learn the model
 * @param learning whether this process is the model's learner now
 * @param version published version: the learner's step
 * @param lineage which records that version has learned
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
    Lineage lineage,
    long learnedExamples,
    long deadLetters,
    Map<String, Long> guards,
    long fenced,
    long checkpointStep,
    @Nullable String checkpointError) {}
