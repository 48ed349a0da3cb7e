package dev.nagare.nn;

import dev.nagare.autograd.Variable;
import dev.nagare.tensor.kernel.Attention.Mask;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stack of {@link TransformerEncoderLayer}s, with a last normalisation where the layers are
 * pre-norm and so leave their sum as it is.
 *
 * <p>Shapes: {@code [N, T, E] -> [N, T, E]}. Dtypes: F32, F64. Gradient: to input and parameters.
 * Parameters are named as in PyTorch, {@code layers.0.linear1.weight} to {@code norm.bias}. Source:
 * {@code torch.nn.TransformerEncoder}, whose layers start as copies of one; here each starts with
 * values of its own.
 */
public final class TransformerEncoder extends Module {
  private final List<TransformerEncoderLayer> layers = new ArrayList<>();
  private final @Nullable LayerNorm norm;

  /** Creates a stack. */
  public TransformerEncoder(ParameterFactory factory, TransformerOptions options, int depth) {
    for (int i = 0; i < depth; i++) {
      layers.add(register("layers." + i, new TransformerEncoderLayer(factory, options)));
    }
    norm =
        options.normFirst()
            ? register("norm", new LayerNorm(factory, options.features(), options.epsilon()))
            : null;
  }

  /** Applies the stack without dropout. */
  public Variable forward(Variable x, Mask mask) {
    return forward(x, mask, null);
  }

  /** Applies the stack; with streams, for training, with dropout. */
  public Variable forward(Variable x, Mask mask, @Nullable Streams streams) {
    Variable y = x;
    for (TransformerEncoderLayer layer : layers) {
      y = layer.forward(y, mask, streams);
    }
    return norm == null ? y : norm.forward(y);
  }
}
