package dev.nagare.graph.plan;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One plan of a {@link PlanFamily}: for how many rows, with the weights of each version, how often
 * it was asked for and what its runs cost. Weights come and go under the family's lock, and are
 * read without one; lanes write the rest, and a count that is lost does no harm.
 */
final class PlanEntry {
  final long bucket;
  final Plan plan;
  private final Plans compiledOf;
  private final Map<Plans, PackedWeights> packed = new ConcurrentHashMap<>();

  /** About how often it was asked for. */
  int uses;

  final RunCost cost = new RunCost();

  /**
   * An entry without weights.
   *
   * @param compiledOf the version whose constants the plan has seen
   */
  PlanEntry(long bucket, Plan plan, Plans compiledOf) {
    this.bucket = bucket;
    this.plan = plan;
    this.compiledOf = compiledOf;
  }

  /**
   * Packs the weights of a version.
   *
   * @param relatives plans of the same family, whose packed weights are shared where they are the
   *     same
   * @throws TensorException as {@link Plan#pack(long, Map, PackedWeights...)}
   */
  void pack(Plans version, List<PlanEntry> relatives) {
    List<PackedWeights> like = new ArrayList<>();
    for (PlanEntry relative : relatives) {
      PackedWeights own = relative.packed(version);
      if (own != null) {
        like.add(own); // the most likely ones first
      }
    }
    relatives.forEach(relative -> like.addAll(relative.packed.values()));
    PackedWeights[] shared = like.toArray(PackedWeights[]::new);
    packed.put(
        version,
        version == compiledOf
            ? plan.pack(version.number(), Map.of(), shared)
            : plan.packInPlace(version.number(), version.weights(), shared));
  }

  /** The weights of a version; null if it or this plan has gone. */
  @Nullable PackedWeights packed(Plans version) {
    return packed.get(version);
  }

  /** The weights of a version go, with the last run that uses them. */
  void forget(Plans version) {
    PackedWeights gone = packed.remove(version);
    if (gone != null) {
      gone.close();
    }
  }

  /** A frame with the weights of any version, in memory of its own unless there is some. */
  Frame open(@Nullable Tensor work) {
    return plan.open(packed.values().iterator().next(), null, work);
  }

  /** Ends with the last frame. */
  void close() {
    packed.values().forEach(PackedWeights::close);
    plan.close();
  }
}
