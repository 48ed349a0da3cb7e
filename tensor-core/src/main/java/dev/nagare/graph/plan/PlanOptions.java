package dev.nagare.graph.plan;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;

/**
 * How a plan computes.
 *
 * @param dtype F32, or BF16 for products, convolutions, attention and what lies between them;
 *     inputs and outputs are what the graph says in both
 * @param lanes how many lanes one run may use: 1, or more for a gang
 */
public record PlanOptions(DType dtype, int lanes) {
  /** F32 on one lane. */
  public static final PlanOptions DEFAULT = new PlanOptions(DType.F32, 1);

  /** Checks. */
  public PlanOptions {
    if (dtype != DType.F32 && dtype != DType.BF16) {
      throw TensorException.mismatch("plan: expected dtype F32 or BF16, got " + dtype);
    }
    if (lanes < 1) {
      throw TensorException.mismatch("plan: expected 1 lane or more, got " + lanes);
    }
  }

  /**
   * Checks that kernels compute in the dtype.
   *
   * @throws TensorException kind MISMATCH with the reason if they do not
   */
  public void require(Kernels kernels) {
    String why = dtype == DType.BF16 ? kernels.prepared().whyNoBFloat16() : "";
    if (!why.isEmpty()) {
      throw TensorException.mismatch("plan: no BF16 here: " + why);
    }
  }

  /** The same in another dtype. */
  public PlanOptions dtype(DType other) {
    return new PlanOptions(other, lanes);
  }

  /** The same on so many lanes. */
  public PlanOptions lanes(int count) {
    return new PlanOptions(dtype, count);
  }
}
