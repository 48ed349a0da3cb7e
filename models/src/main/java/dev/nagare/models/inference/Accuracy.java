package dev.nagare.models.inference;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How close the answers of a model in BF16 come to those of the same model in F32.
 *
 * @param outputs one for each output, at least one
 */
public record Accuracy(List<Output> outputs) {
  /**
   * The least cosine of an output in BF16 with the same in F32 that is taken unless another one is
   * asked for: 0.999, which leaves the order of neighbours and classes as it was.
   */
  public static final double LEAST_COSINE = 0.999;

  /**
   * One output, over all questions that were asked.
   *
   * @param name of the output
   * @param cosine of all its elements with those in F32, from -1 to 1; not a number if BF16 made
   *     something infinite or undefined that is not so in F32
   * @param error the largest difference of an element, over {@code scale}
   * @param scale the largest magnitude in F32; 1 where all of it is 0
   */
  public record Output(String name, double cosine, double error, double scale) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%s cosine %.6f, error %.2g of its scale", name, cosine, error);
    }
  }

  /** Copies the list. */
  public Accuracy {
    outputs = List.copyOf(outputs);
  }

  /** Whether every output has at least this cosine; one that is not a number has not. */
  public boolean reaches(double leastCosine) {
    return outputs.stream().allMatch(output -> output.cosine >= leastCosine);
  }

  /** Every output with its numbers, on one line. */
  @Override
  public String toString() {
    return outputs.stream().map(Output::toString).collect(Collectors.joining("; "));
  }
}
