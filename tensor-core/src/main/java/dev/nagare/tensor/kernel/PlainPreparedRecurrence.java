package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.ALL;
import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.Addresses.setFloat;

import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.RecurrenceSpec;
import java.lang.foreign.MemorySegment;

/**
 * The recurrence of an LSTM. The weight lies in blocks of {@value #BLOCK} units, all four gates of
 * them together, and every other step goes through the blocks backwards: a weight that is a little
 * larger than the nearest cache is then found there in part, where going round it never would be.
 *
 * <p>A few rows go through a block together, and so do their gates through the activations. That
 * changes no bit of a row: each of its numbers is a chain of the same operations in the same order.
 */
final class PlainPreparedRecurrence extends PlainPreparedKernel {
  /** Units of a block. */
  static final int BLOCK = TileLoops.PANEL;

  /** Rows whose gates are computed, and then activated, at once. */
  private static final int GROUP = 8;

  private final RecurrenceSpec spec;
  private final Loops loops;
  private final TileLoops tiles;

  PlainPreparedRecurrence(RecurrenceSpec spec, Loops loops, TileLoops tiles) {
    super(Arguments.of(spec), "plain");
    this.spec = spec;
    this.loops = loops;
    this.tiles = tiles;
  }

  @Override
  public long packedBytes() {
    return 16 * spec.hidden() * spec.hidden();
  }

  /** Cells of all rows, and the gates of a group. */
  @Override
  public long scratchBytes() {
    return 4 * spec.hidden() * (spec.rows() + 4 * Math.min(spec.rows(), GROUP));
  }

  /** {@code [H, 4H]} to {@code [H / 32, H, 4, 32]}. */
  @Override
  void pack(long weight, long packed) {
    long hidden = spec.hidden();
    for (long k = 0; k < hidden; k++) {
      for (long gate = 0; gate < 4; gate++) {
        for (long j = 0; j < hidden; j++) {
          long to = ((j / BLOCK * hidden + k) * 4 + gate) * BLOCK + j % BLOCK;
          setFloat(packed, to, getFloat(weight, (k * 4 + gate) * hidden + j));
        }
      }
    }
  }

  @Override
  void compute(Places at) {
    long rows = spec.rows();
    MemorySegment.copy(ALL, at.inputs[2], ALL, at.scratch, 4 * rows * spec.hidden());
    long groups = (rows + GROUP - 1) / GROUP; // all of about the same height
    for (long g = 0; g < groups; g++) {
      long first = rows * g / groups;
      sequence(at, first, (int) (rows * (g + 1) / groups - first));
    }
  }

  /** All steps of the rows of a group, which are one row of so many times the units to the cell. */
  private void sequence(Places at, long first, int rows) {
    int hidden = (int) spec.hidden();
    int units = rows * hidden;
    long row = 4L * hidden;
    long block = 16L * BLOCK * hidden;
    long cells = at.scratch + first * row;
    long gates = at.scratch + spec.rows() * row;
    long before = at.inputs[1] + first * row;
    int blocks = hidden / BLOCK;
    for (long t = 0; t < spec.steps(); t++) {
      long given = at.inputs[0] + 4 * (t * spec.rows() + first) * row;
      for (int b = 0; b < blocks; b++) {
        long which = (t & 1) == 0 ? b : blocks - 1 - b;
        long unit = 4 * BLOCK * which;
        tiles.gates(
            rows,
            before,
            at.weight + which * block,
            given + unit,
            gates + unit,
            4L * units,
            hidden);
      }
      long now = at.output + (t * spec.rows() + first) * row;
      loops.activateGates(gates, units);
      loops.cell(gates, cells, cells, now, units);
      before = now;
    }
  }
}
