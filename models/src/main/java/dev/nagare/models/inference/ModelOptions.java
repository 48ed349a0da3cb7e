package dev.nagare.models.inference;

import dev.nagare.graph.plan.PlanOptions;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.util.Map;

/**
 * How a model is compiled.
 *
 * @param kernels what computes
 * @param plan dtype and lanes
 * @param mostRows rows that run at once, 1 or more
 * @param mostTokens tokens that run at once, where sequences are packed
 * @param sizes numbers for named sizes that are the same for every caller; they decide what depends
 *     on them when the model is read
 */
public record ModelOptions(
    Kernels kernels, PlanOptions plan, int mostRows, int mostTokens, Map<String, Long> sizes) {
  private static final int ROWS = 32;
  private static final int TOKENS = 1024;

  /** Copies the map. */
  public ModelOptions {
    sizes = Map.copyOf(sizes);
  }

  /** F32 on the best kernels of this machine, up to 32 rows or 1,024 tokens at once. */
  public static ModelOptions best() {
    return new ModelOptions(
        KernelProviders.best().kernels(), PlanOptions.DEFAULT, ROWS, TOKENS, Map.of());
  }

  /** The same with another plan. */
  public ModelOptions plan(PlanOptions other) {
    return new ModelOptions(kernels, other, mostRows, mostTokens, sizes);
  }

  /** The same for so many rows at once. */
  public ModelOptions mostRows(int rows) {
    return new ModelOptions(kernels, plan, rows, mostTokens, sizes);
  }

  /** The same with these sizes. */
  public ModelOptions sizes(Map<String, Long> numbers) {
    return new ModelOptions(kernels, plan, mostRows, mostTokens, numbers);
  }
}
