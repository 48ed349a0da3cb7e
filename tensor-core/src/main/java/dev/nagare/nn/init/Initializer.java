package dev.nagare.nn.init;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.Tensor;

/** A rule for first values. */
@FunctionalInterface
public interface Initializer {

  /** All zeros. */
  Initializer ZEROS = (tensor, random) -> tensor.zero();

  /** Sets every element. */
  void fill(Tensor tensor, CounterRandom random);
}
