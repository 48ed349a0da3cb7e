package dev.nagare.streaming.checkpoint;

import dev.nagare.streaming.CheckpointRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the registry knows of a model.
 *
 * @param model the model's name: the record's key
 * @param checkpoints newest first, at most {@value #KEPT}
 */
public record RegistryEntry(String model, List<CheckpointRecord> checkpoints) {
  /** Checkpoints that are kept: a damaged one costs a longer replay, not the model. */
  public static final int KEPT = 3;

  /** Nothing yet. */
  public static RegistryEntry none(String model) {
    return new RegistryEntry(model, List.of());
  }

  /** As the registry's records have it, in JSON. */
  public byte[] toJson() {
    return RegistryJson.write(this);
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws IOException if it is something else
   */
  public static RegistryEntry parse(byte[] json) throws IOException {
    return RegistryJson.read(json);
  }

  /** With a newer checkpoint; the oldest beyond the last three is gone. */
  public RegistryEntry with(CheckpointRecord newest) {
    List<CheckpointRecord> all = new ArrayList<>();
    all.add(newest);
    all.addAll(checkpoints);
    return new RegistryEntry(model, List.copyOf(all.subList(0, Math.min(KEPT, all.size()))));
  }

  /** Without those before a checkpoint: no copy of them is whole any more. */
  public RegistryEntry from(CheckpointRecord usable) {
    int first = checkpoints.indexOf(usable);
    return new RegistryEntry(model, checkpoints.subList(Math.max(0, first), checkpoints.size()));
  }

  /** Those that the other entry does not have. */
  public List<CheckpointRecord> without(RegistryEntry other) {
    return checkpoints.stream()
        .filter(mine -> other.checkpoints.stream().noneMatch(its -> its.name().equals(mine.name())))
        .toList();
  }
}
