package dev.nagare.graph.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * Some of the rows of a step, for one lane of a gang.
 *
 * @param from the first row
 * @param count how many
 */
record Block(long from, long count) {

  /**
   * Cuts rows into a block for each lane, or into fewer so that none is smaller than allowed; the
   * cuts depend on nothing else.
   */
  static List<Block> of(long rows, int lanes, long least) {
    long count = Math.max(1, Math.min(lanes, rows / Math.max(1, least)));
    var blocks = new ArrayList<Block>();
    long from = 0;
    for (long i = 1; i <= count; i++) {
      long to = rows * i / count;
      blocks.add(new Block(from, to - from));
      from = to;
    }
    return blocks;
  }

  /** The same with cuts at multiples of a number of rows only. */
  static List<Block> ofGroups(long rows, int lanes, long group) {
    return of((rows + group - 1) / group, lanes, 1).stream()
        .map(
            block -> {
              long from = block.from() * group;
              return new Block(from, Math.min(rows, from + block.count() * group) - from);
            })
        .toList();
  }
}
