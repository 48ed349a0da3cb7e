package dev.nagare.loadtest.onnx;

import java.io.IOException;

/**
 * What is usual for a weight: its values are uniform between two bounds, so that activations keep
 * their size from layer to layer and no channel is like another.
 *
 * @param low bound
 * @param high bound
 * @param filter elements of a filter, whose mean is made 0: what comes from a ReLU has a mean, and
 *     a filter with another would be above 0 everywhere, or below; 1 for none
 */
record WeightRole(double low, double high, int filter) {
  private static final WeightRole SMALL = new WeightRole(-0.1, 0.1, 1);
  private static final WeightRole ABOUT_ONE = new WeightRole(0.8, 1.2, 1);
  private static final WeightRole VARIANCE = new WeightRole(0.5, 1.5, 1);

  /**
   * By where it is used.
   *
   * @param op that uses it
   * @param input which of its inputs it is
   * @param transposed whether a Gemm has {@code transB}
   * @param dims of the weight
   */
  static WeightRole of(String op, int input, boolean transposed, long... dims) throws IOException {
    return switch (op + " " + input) {
      case "Conv 1" -> he(product(dims, 1), true);
      case "Gemm 1" -> he(transposed ? dims[dims.length - 1] : dims[0], transposed);
      case "Conv 2", "Gemm 2", "Add 0", "Add 1", "BatchNormalization 2", "BatchNormalization 3" ->
          SMALL;
      case "Mul 0", "Mul 1", "BatchNormalization 1" -> ABOUT_ONE;
      case "BatchNormalization 4" -> VARIANCE;
      default -> throw new IOException("no usual weights for input " + input + " of " + op);
    };
  }

  /** Variance 2 / fan-in (He et al., 2015). */
  private static WeightRole he(long fanIn, boolean filters) {
    double bound = Math.sqrt(6.0 / fanIn);
    return new WeightRole(-bound, bound, filters ? Math.toIntExact(fanIn) : 1);
  }

  /** Values of a weight by seed and name. */
  float[] values(long seed, String name, int count) {
    float[] values = Seeded.uniform(seed, name, count, low, high);
    for (int from = 0; from < count && filter > 1; from += filter) {
      double sum = 0;
      for (int i = from; i < from + filter; i++) {
        sum += values[i];
      }
      for (int i = from; i < from + filter; i++) {
        values[i] -= (float) (sum / filter);
      }
    }
    return values;
  }

  private static long product(long[] dims, int from) {
    long product = 1;
    for (int i = from; i < dims.length; i++) {
      product *= dims[i];
    }
    return product;
  }
}
