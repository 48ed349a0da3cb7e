package dev.nagare.streaming;

import java.util.List;

/**
 * Where the version that answers comes from, and the checkpoints that it can be rebuilt from.
 *
 * @param model the model's name
 * @param version that answers
 * @param lineage of that version
 * @param checkpoints of the registry, newest first, at most three
 */
public record ModelLineage(
    String model, long version, Lineage lineage, List<CheckpointRecord> checkpoints) {}
