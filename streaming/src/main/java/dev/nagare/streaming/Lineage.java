package dev.nagare.streaming;

/**
 * Which records made a version: every record of the partition before the offset.
 *
 * @param topic read by the learner
 * @param partition read by the learner
 * @param nextOffset the next offset to read; control records of the log may lie between
 */
public record Lineage(String topic, int partition, long nextOffset) {}
