package dev.nagare.graph.plan;

import dev.nagare.tensor.Memory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Gives each slot its place in the arena, so that two which are needed at the same time do not
 * share bytes.
 *
 * <p>Greedy by size: the largest first, each into the smallest gap that the ones placed before it
 * leave during its life (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net
 * Inference", 2020, offset calculation by size).
 */
final class Placement {
  private Placement() {}

  /** Sets the offsets of these roots and answers how many bytes they take in all. */
  static long of(List<Slot> slots) {
    var placed = new ArrayList<Slot>();
    var bySize = new ArrayList<>(slots);
    bySize.sort(Comparator.comparingLong(Slot::bytes).reversed().thenComparingInt(s -> s.first));
    long end = 0;
    for (Slot slot : bySize) {
      slot.offset = gap(slot, placed);
      placed.add(slot);
      end = Math.max(end, slot.offset + size(slot));
    }
    return end;
  }

  private static long gap(Slot slot, List<Slot> placed) {
    List<Slot> beside =
        placed.stream()
            .filter(other -> other.first <= slot.last && slot.first <= other.last)
            .sorted(Comparator.comparingLong(other -> other.offset))
            .toList();
    long best = -1;
    long smallest = Long.MAX_VALUE;
    long free = 0;
    for (Slot other : beside) {
      long room = other.offset - free;
      if (room >= size(slot) && room < smallest) {
        smallest = room;
        best = free;
      }
      free = Math.max(free, other.offset + size(other));
    }
    return best < 0 ? free : best;
  }

  /** Whole cache lines, so that each begins at one. */
  static long size(Slot slot) {
    return (Math.max(1, slot.bytes()) + Memory.ALIGNMENT - 1) & -Memory.ALIGNMENT;
  }
}
