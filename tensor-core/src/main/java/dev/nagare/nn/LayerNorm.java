package dev.nagare.nn;

import dev.nagare.autograd.Variable;
import dev.nagare.nn.init.Initializer;

/**
 * Layer normalisation over the last axis, {@code y = (x - mean) / √(variance + ε) · weight + bias}.
 *
 * <p>Shapes: {@code [.., C] -> [.., C]}; weight and bias {@code [C]}. Dtypes: F32, F64. Gradient:
 * to input and parameters. A row's bits do not depend on the other rows. Source: Ba, Kiros and
 * Hinton (2016); {@code torch.nn.LayerNorm} with one normalised axis and its parameters.
 */
public final class LayerNorm extends Module {
  private final Parameter weight;
  private final Parameter bias;
  private final double epsilon;

  /** Creates a layer with PyTorch's ε, 1e-5. */
  public LayerNorm(ParameterFactory factory, int features) {
    this(factory, features, 1e-5);
  }

  /** Creates a layer that starts with weights of 1 and biases of 0. */
  public LayerNorm(ParameterFactory factory, int features, double epsilon) {
    weight = register(factory.create("weight", Initializer.ONES, features));
    bias = register(factory.create("bias", Initializer.ZEROS, features));
    this.epsilon = epsilon;
  }

  /** Applies the layer. */
  public Variable forward(Variable x) {
    return x.layerNorm(weight, bias, epsilon);
  }
}
