package dev.nagare.streaming;

import org.jspecify.annotations.Nullable;

/**
 * What a model is doing.
 *
 * @param ready whether it answers: kernels warm, a version published
 * @param degraded why learning stands still, such as "Kafka at 127.0.0.1:9092 does not answer";
 *     null if it does not
 * @param version published version: the learner's step
 * @param lineage which records that version has learned
 * @param learnedExamples optimizer steps since this process started
 * @param deadLetters records refused since this process started
 * @param checkpointError why the last checkpoint could not be written, with the remedy; null if it
 *     could
 */
public record ModelStatus(
    boolean ready,
    @Nullable String degraded,
    long version,
    Lineage lineage,
    long learnedExamples,
    long deadLetters,
    @Nullable String checkpointError) {}
