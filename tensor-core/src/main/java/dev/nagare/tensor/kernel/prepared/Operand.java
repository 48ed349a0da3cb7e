package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.DType;

/**
 * What the operand of a {@link PostOp.Combine} is.
 *
 * @param extent which elements of the result share one of the operand
 * @param dtype F32 or BF16
 */
public record Operand(Extent extent, DType dtype) {

  /** How an operand stretches over a result. */
  public enum Extent {
    /** An element for each of the result, in the same order. */
    ELEMENT,
    /** An element for each index of the result's last axis: a column or a channel. */
    COLUMN,
    /** One element. */
    SINGLE
  }

  /** One F32 for each element. */
  public static final Operand ELEMENT = new Operand(Extent.ELEMENT, DType.F32);

  /** One F32 for each column or channel. */
  public static final Operand COLUMN = new Operand(Extent.COLUMN, DType.F32);

  /** One F32. */
  public static final Operand SINGLE = new Operand(Extent.SINGLE, DType.F32);
}
