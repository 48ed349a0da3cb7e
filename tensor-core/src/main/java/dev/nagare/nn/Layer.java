package dev.nagare.nn;

import dev.nagare.autograd.Variable;

/**
 * What takes one variable and gives one, such as {@link Conv2d}, or {@code Variable::relu}: a part
 * of a {@link Sequential}.
 */
@FunctionalInterface
public interface Layer {

  /** Applies the layer. */
  Variable forward(Variable x);
}
