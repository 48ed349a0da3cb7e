package dev.nagare.graph.plan;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.ScratchMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a frame: its inputs, an arena for all other values, which may be that of a lane,
 * and for each lane of a gang scratch that the steps share.
 */
final class FrameMemory implements AutoCloseable {
  private final ProcessMemory process;
  private final Tensor inputs;
  private final Tensor work;
  private final List<ScratchMemory> scratch = new ArrayList<>();

  /**
   * Allocates.
   *
   * @param shared somebody's memory for what is no input; null for an own one
   */
  FrameMemory(
      String owner, Extents extents, @Nullable Tensor shared, int lanes, long scratchBytes) {
    process = new ProcessMemory(owner);
    try {
      inputs = process.zeros(DType.U8, Shape.of(Math.max(1, extents.inputs())));
      work =
          shared == null
              ? process.zeros(DType.U8, Shape.of(Math.max(1, extents.work())))
              : shared.narrow(0, Math.max(1, extents.work()));
      for (int i = 0; i < lanes; i++) {
        scratch.add(new ScratchMemory(owner, scratchBytes));
      }
    } catch (RuntimeException | Error e) {
      process.close();
      scratch.forEach(ScratchMemory::close);
      throw e;
    }
  }

  /** Scratch for a part of the next step, from its start; parts run on lanes of their own. */
  ScratchMemory scratch(int part) {
    ScratchMemory own = scratch.get(part);
    own.rewind();
    return own;
  }

  /** The most that a step took. */
  long scratchPeak() {
    return scratch.stream().mapToLong(ScratchMemory::peakBytes).max().orElse(0);
  }

  /** The elements of a slot that is not a parameter, as they lie in memory. */
  Tensor bytesOf(Slot slot) {
    Tensor constant = slot.constant;
    if (constant != null) {
      return constant.reshape(slot.memoryShape().toArray());
    }
    Tensor where = slot.root().input ? inputs : work;
    return where.part(slot.place(), slot.dtype, slot.memoryShape());
  }

  /** The same as a tensor of the value's logical shape. */
  Tensor tensor(Slot slot) {
    return logical(slot, bytesOf(slot));
  }

  /** The elements of any slot as they lie in memory. */
  Tensor bytesOf(Slot slot, PackedWeights weights) {
    return slot.isParameter() ? weights.bytesOf(slot) : bytesOf(slot);
  }

  /** The same as a tensor of the value's logical shape. */
  Tensor tensor(Slot slot, PackedWeights weights) {
    return logical(slot, bytesOf(slot, weights));
  }

  private static Tensor logical(Slot slot, Tensor bytes) {
    return slot.channelsLast ? Orders.seenChannelsFirst(bytes) : bytes;
  }

  boolean isClosed() {
    return !inputs.isValid();
  }

  /** Frees it at once: a frame is its user's alone, whichever thread opened it. */
  @Override
  public void close() {
    process.adopt();
    process.close();
    for (ScratchMemory one : scratch) {
      one.adopt();
      one.close();
    }
  }
}
