package dev.nagare.nn.init;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.Tensor;

/** A rule for first values, a function of its random numbers. Implementations are immutable. */
@FunctionalInterface
public interface Initializer {

  /** All zeros. */
  Initializer ZEROS = (tensor, random) -> tensor.zero();

  /** All ones. */
  Initializer ONES = new Constant(1);

  /** Sets every element. */
  void fill(Tensor tensor, CounterRandom random);
}
