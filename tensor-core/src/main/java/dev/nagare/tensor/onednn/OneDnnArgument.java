package dev.nagare.tensor.onednn;

import dev.nagare.tensor.kernel.prepared.Operand;

/**
 * An argument of a primitive, and which one of the kernel it is.
 *
 * @param kind oneDNN's number
 * @param layout descriptor
 * @param role what the kernel's user calls it
 * @param index among the inputs or the post-ops
 * @param perRow whether it has a part for each row of a product
 */
record OneDnnArgument(int kind, long layout, Role role, int index, boolean perRow) {
  /** What the kernel's user calls it. */
  enum Role {
    /** An input. */
    INPUT,
    /** The packed weight. */
    WEIGHT,
    /** The bias. */
    BIAS,
    /** The operand of a post-op. */
    OPERAND,
    /** The result. */
    OUTPUT
  }

  static OneDnnArgument input(int kind, long layout, int index) {
    return new OneDnnArgument(kind, layout, Role.INPUT, index, index == 0);
  }

  static OneDnnArgument weight(long layout) {
    return new OneDnnArgument(OneDnn.WEIGHTS, layout, Role.WEIGHT, 0, false);
  }

  static OneDnnArgument bias(long layout) {
    return new OneDnnArgument(OneDnn.BIAS, layout, Role.BIAS, 0, false);
  }

  static OneDnnArgument operand(int kind, long layout, int postOp, Operand.Extent extent) {
    return new OneDnnArgument(kind, layout, Role.OPERAND, postOp, extent == Operand.Extent.ELEMENT);
  }

  static OneDnnArgument output(long layout) {
    return new OneDnnArgument(OneDnn.DST, layout, Role.OUTPUT, 0, true);
  }
}
