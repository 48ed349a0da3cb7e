package dev.nagare.nn;

import dev.nagare.autograd.Variable;
import dev.nagare.nn.init.Initializer;
import dev.nagare.nn.init.Kaiming;
import dev.nagare.nn.init.Uniform;

/**
 * Fully connected layer, {@code y = x · weightᵀ + bias}.
 *
 * <p>Shapes: {@code [.., I] -> [.., O]}; weight {@code [O, I]} and bias {@code [O]} as in PyTorch.
 * Dtypes: all. Gradient: to input and parameters. Source: {@code torch.nn.Linear}, always with
 * bias.
 */
public final class Linear extends Module implements Layer {
  private final Parameter weight;
  private final Parameter bias;

  /** Creates a layer that starts as PyTorch's: all values uniform in ±1/√inFeatures. */
  public Linear(ParameterFactory factory, int inFeatures, int outFeatures) {
    this(factory, inFeatures, outFeatures, Kaiming.LINEAR, new Uniform(1 / Math.sqrt(inFeatures)));
  }

  /** Creates a layer with first values of its own. */
  public Linear(
      ParameterFactory factory,
      int inFeatures,
      int outFeatures,
      Initializer weights,
      Initializer biases) {
    this(
        factory.create("weight", weights, outFeatures, inFeatures),
        factory.create("bias", biases, outFeatures));
  }

  private Linear(Parameter weight, Parameter bias) {
    this.weight = register(weight);
    this.bias = register(bias);
  }

  /** A layer that starts at zero: a head whose model begins as "no change". */
  public static Linear zeros(ParameterFactory factory, int inFeatures, int outFeatures) {
    return new Linear(
        factory.create("weight", Initializer.ZEROS, outFeatures, inFeatures),
        factory.create("bias", Initializer.ZEROS, outFeatures));
  }

  @Override
  public Variable forward(Variable x) {
    return x.linear(weight, bias);
  }
}
