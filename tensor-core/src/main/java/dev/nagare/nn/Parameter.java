package dev.nagare.nn;

import dev.nagare.autograd.Variable;
import dev.nagare.tensor.Tensor;

/** A leaf that an optimizer changes, with the name it has in its module. */
public final class Parameter extends Variable {
  private final String name;

  /**
   * Creates a parameter.
   *
   * @param name as PyTorch calls it in the module
   * @param value changed by optimizers
   * @param gradient of the same dtype and shape; backwards add to it
   */
  public Parameter(String name, Tensor value, Tensor gradient) {
    super(value, gradient);
    this.name = name;
  }

  /** The name within the module, such as {@code weight_ih_l0}. */
  public String name() {
    return name;
  }

  @Override
  public String toString() {
    return name + " " + super.toString();
  }
}
