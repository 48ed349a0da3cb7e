package dev.nagare.models.inference;

import dev.nagare.graph.plan.PlanOptions;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;

/**
 * How a model is compiled.
 *
 * @param kernels what computes
 * @param plan dtype and lanes
 * @param mostRows rows that run at once, 1 or more
 * @param mostTokens tokens that run at once, where sequences are packed
 */
public record ModelOptions(Kernels kernels, PlanOptions plan, int mostRows, int mostTokens) {
  private static final int ROWS = 32;
  private static final int TOKENS = 1024;

  /** F32 on the best kernels of this machine, up to 32 rows or 1,024 tokens at once. */
  public static ModelOptions best() {
    return new ModelOptions(KernelProviders.best().kernels(), PlanOptions.DEFAULT, ROWS, TOKENS);
  }

  /** The same with another plan. */
  public ModelOptions plan(PlanOptions other) {
    return new ModelOptions(kernels, other, mostRows, mostTokens);
  }

  /** The same for so many rows at once. */
  public ModelOptions mostRows(int rows) {
    return new ModelOptions(kernels, plan, rows, mostTokens);
  }
}
