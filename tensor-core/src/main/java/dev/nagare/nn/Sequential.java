package dev.nagare.nn;

import dev.nagare.autograd.Variable;
import java.util.List;

/**
 * Layers one after the other.
 *
 * <pre>{@code
 * new Sequential(conv1, norm1, Variable::relu, conv2);     // parts 0, 1 and 3
 * }</pre>
 *
 * <p>Parts that are modules are called {@code 0}, {@code 1} and so on, by their position. Shapes,
 * dtypes and gradient: those of the layers. Source: {@code torch.nn.Sequential}.
 */
public final class Sequential extends Module implements Layer {
  private final List<Layer> layers;

  /** Creates it of these layers, in this order. */
  public Sequential(Layer... layers) {
    this.layers = List.of(layers);
    for (int i = 0; i < layers.length; i++) {
      if (layers[i] instanceof Module part) {
        register(Integer.toString(i), part);
      }
    }
  }

  @Override
  public Variable forward(Variable x) {
    Variable y = x;
    for (Layer layer : layers) {
      y = layer.forward(y);
    }
    return y;
  }
}
