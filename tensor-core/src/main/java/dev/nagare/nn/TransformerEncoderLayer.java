package dev.nagare.nn;

import dev.nagare.autograd.Variable;
import dev.nagare.tensor.kernel.Attention.Mask;
import org.jspecify.annotations.Nullable;

/**
 * Self-attention and a feed-forward part, each with a residual path and a normalisation:
 *
 * <pre>
 * post-norm   y = norm1(x + attention(x))          z = norm2(y + ff(y))
 * pre-norm    y = x + attention(norm1(x))          z = y + ff(norm2(y))
 * ff(x) = linear2(activation(linear1(x)))
 * </pre>
 *
 * <p>Shapes: {@code [N, T, E] -> [N, T, E]}. Dtypes: F32, F64. Gradient: to input and parameters.
 * Dropout acts on the attention's weights, behind the activation and behind each part. Parameters
 * are named as in PyTorch. Source: Vaswani et al. (2017); {@code torch.nn.TransformerEncoderLayer}
 * with {@code batch_first}.
 */
public final class TransformerEncoderLayer extends Module {
  private final TransformerOptions options;
  private final MultiHeadAttention attention;
  private final Linear linear1;
  private final Linear linear2;
  private final LayerNorm norm1;
  private final LayerNorm norm2;

  /** Creates a layer whose parts start as PyTorch's. */
  public TransformerEncoderLayer(ParameterFactory factory, TransformerOptions options) {
    this.options = options;
    int e = options.features();
    attention =
        register(
            "self_attn", new MultiHeadAttention(factory, e, options.heads(), options.dropout()));
    linear1 = register("linear1", new Linear(factory, e, options.feedForward()));
    linear2 = register("linear2", new Linear(factory, options.feedForward(), e));
    norm1 = register("norm1", new LayerNorm(factory, e, options.epsilon()));
    norm2 = register("norm2", new LayerNorm(factory, e, options.epsilon()));
  }

  /** Applies the layer without dropout. */
  public Variable forward(Variable x, Mask mask) {
    return forward(x, mask, null);
  }

  /** Applies the layer; with streams, for training, with dropout. */
  public Variable forward(Variable x, Mask mask, @Nullable Streams streams) {
    if (options.normFirst()) {
      Variable y = x.add(attend(norm1.forward(x), mask, streams));
      return y.add(feedForward(norm2.forward(y), streams));
    }
    Variable y = norm1.forward(x.add(attend(x, mask, streams)));
    return norm2.forward(y.add(feedForward(y, streams)));
  }

  private Variable attend(Variable x, Mask mask, @Nullable Streams streams) {
    return options.drop(attention.forward(x, mask, streams), streams);
  }

  private Variable feedForward(Variable x, @Nullable Streams streams) {
    Variable inner = options.activation().apply(linear1.forward(x));
    return options.drop(linear2.forward(options.drop(inner, streams)), streams);
  }
}
