package dev.nagare.loadtest.bench.train;

import dev.nagare.nn.Parameter;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * First values of a parameter, which both sides start from.
 *
 * @param values row-major
 * @param dims its shape, PyTorch's
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares two
record Weight(float[] values, long... dims) {

  /** Values uniform within a bound. */
  static Weight uniform(SplittableRandom random, double bound, long... dims) {
    float[] values = new float[elements(dims)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    return new Weight(values, dims);
  }

  /** Values all the same. */
  static Weight constant(float value, long... dims) {
    float[] values = new float[elements(dims)];
    Arrays.fill(values, value);
    return new Weight(values, dims);
  }

  private static int elements(long... dims) {
    return Math.toIntExact(Arrays.stream(dims).reduce(1, Math::multiplyExact));
  }

  /** Gives our parameters these values, in order. */
  static void copy(List<Weight> weights, List<Parameter> parameters) {
    if (weights.size() != parameters.size()) {
      throw new IllegalStateException(
          "expected " + weights.size() + " parameters, got " + parameters.size());
    }
    for (int i = 0; i < weights.size(); i++) {
      if (!Arrays.equals(weights.get(i).dims, parameters.get(i).shape().toArray())) {
        throw new IllegalStateException(
            "expected " + Arrays.toString(weights.get(i).dims) + ", got " + parameters.get(i));
      }
      parameters.get(i).value().copyFrom(weights.get(i).values, 0);
    }
  }
}
