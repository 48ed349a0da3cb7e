package dev.nagare.nn.init;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/** What a variance is kept along: see {@link Kaiming}. */
public enum Fan {
  /** Inputs of one output, so that the forward keeps its variance. */
  IN,
  /** Outputs of one input, so that the backward keeps its variance. */
  OUT;

  /** The number for a weight {@code [out, in, ..]}; further axes are those of a kernel. */
  double of(Tensor weight) {
    if (weight.shape().rank() < 2) {
      throw TensorException.mismatch(
          "initializer: expected a weight [out, in, ..] to count its fan, got " + weight);
    }
    double kernel = 1;
    for (int axis = 2; axis < weight.shape().rank(); axis++) {
      kernel *= weight.dim(axis);
    }
    return kernel * weight.dim(this == IN ? 1 : 0);
  }
}
