package dev.nagare.tensor.kernel;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.SplittableRandom;

/** Tensors from seeds, and their elements as arrays. */
final class Matrices {
  private Matrices() {}

  /** Uniform in [-size, size). */
  static Tensor random(
      Memory memory, DType dtype, SplittableRandom random, double size, long... dims) {
    Tensor tensor = memory.empty(dtype, Shape.of(dims));
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, (2 * random.nextDouble() - 1) * size);
    }
    return tensor;
  }

  static double[] elements(Tensor tensor) {
    double[] values = new double[(int) tensor.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.get(i);
    }
    return values;
  }
}
