package dev.nagare.models.inference;

import dev.nagare.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * In which dtype a model computes, and how much it may lose by that.
 *
 * @param dtype F32 or BF16
 * @param leastCosine of every output with F32, for BF16: see {@link AccuracyCheck#load}
 */
public record Precision(DType dtype, double leastCosine) {
  /** What counts unless something else is asked for. */
  public static final Precision F32 = new Precision(DType.F32, Accuracy.LEAST_COSINE);

  /**
   * Loads a model so.
   *
   * @param budget asked for what the model needs, and for what the check needs meanwhile
   * @param before another version, of which it takes over what is the same, as {@link
   *     CompiledModel#load(Path, Map, ModelOptions, MemoryBudget, InferenceModel)}; null for none
   * @throws dev.nagare.tensor.TensorException kind MISMATCH if the machine does not compute so, or
   *     too much is lost; kind OUT_OF_BUDGET as the budget says it
   */
  public CompiledModel load(
      Path file, ModelOptions options, MemoryBudget budget, @Nullable InferenceModel before)
      throws IOException {
    return dtype == DType.BF16
        ? AccuracyCheck.load(file, options, leastCosine, budget, before)
        : CompiledModel.load(file, Map.of(), options, budget, before);
  }
}
