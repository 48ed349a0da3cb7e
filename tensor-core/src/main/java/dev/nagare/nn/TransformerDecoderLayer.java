package dev.nagare.nn;

import dev.nagare.autograd.Variable;
import dev.nagare.tensor.kernel.Attention.Mask;
import org.jspecify.annotations.Nullable;

/**
 * Self-attention, attention to an encoder's result and a feed-forward part, each with a residual
 * path and a normalisation, after it (post-norm) or before it (pre-norm): see {@link
 * TransformerEncoderLayer}.
 *
 * <p>Shapes: x {@code [N, T, E]}, memory {@code [N, S, E] -> [N, T, E]}. Dtypes: F32, F64.
 * Gradient: to both inputs and the parameters. Parameters are named as in PyTorch. Source: Vaswani
 * et al. (2017); {@code torch.nn.TransformerDecoderLayer} with {@code batch_first}.
 */
public final class TransformerDecoderLayer extends Module {
  private final TransformerOptions options;
  private final MultiHeadAttention selfAttention;
  private final MultiHeadAttention crossAttention;
  private final Linear linear1;
  private final Linear linear2;
  private final LayerNorm norm1;
  private final LayerNorm norm2;
  private final LayerNorm norm3;

  /** Creates a layer whose parts start as PyTorch's. */
  public TransformerDecoderLayer(ParameterFactory factory, TransformerOptions options) {
    this.options = options;
    int e = options.features();
    int heads = options.heads();
    double dropout = options.dropout();
    selfAttention = register("self_attn", new MultiHeadAttention(factory, e, heads, dropout));
    crossAttention = register("multihead_attn", new MultiHeadAttention(factory, e, heads, dropout));
    linear1 = register("linear1", new Linear(factory, e, options.feedForward()));
    linear2 = register("linear2", new Linear(factory, options.feedForward(), e));
    norm1 = register("norm1", new LayerNorm(factory, e, options.epsilon()));
    norm2 = register("norm2", new LayerNorm(factory, e, options.epsilon()));
    norm3 = register("norm3", new LayerNorm(factory, e, options.epsilon()));
  }

  /**
   * Applies the layer.
   *
   * @param x what is decoded so far
   * @param memory the encoder's result
   * @param mask what a step of x may see of x, usually {@link Mask#CAUSAL}
   * @param memoryMask what a step of x may see of the memory
   * @param streams for dropout, in training; null without
   */
  public Variable forward(
      Variable x, Variable memory, Mask mask, Mask memoryMask, @Nullable Streams streams) {
    if (options.normFirst()) {
      Variable y = x.add(attend(norm1.forward(x), mask, streams));
      Variable z = y.add(attend(norm2.forward(y), memory, memoryMask, streams));
      return z.add(feedForward(norm3.forward(z), streams));
    }
    Variable y = norm1.forward(x.add(attend(x, mask, streams)));
    Variable z = norm2.forward(y.add(attend(y, memory, memoryMask, streams)));
    return norm3.forward(z.add(feedForward(z, streams)));
  }

  private Variable attend(Variable x, Mask mask, @Nullable Streams streams) {
    return options.drop(selfAttention.forward(x, mask, streams), streams);
  }

  private Variable attend(Variable x, Variable memory, Mask mask, @Nullable Streams streams) {
    return options.drop(crossAttention.cross(x, memory, mask, streams), streams);
  }

  private Variable feedForward(Variable x, @Nullable Streams streams) {
    Variable inner = options.activation().apply(linear1.forward(x));
    return options.drop(linear2.forward(options.drop(inner, streams)), streams);
  }
}
