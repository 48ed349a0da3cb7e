package dev.nagare.nn;

import dev.nagare.autograd.ScaledDotProductAttention;
import dev.nagare.autograd.ScaledDotProductAttention.Columns;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.init.Initializer;
import dev.nagare.nn.init.Kaiming;
import dev.nagare.nn.init.XavierUniform;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Attention.Mask;
import org.jspecify.annotations.Nullable;

/**
 * Attention of several heads between projections of queries, keys and values, batch first.
 *
 * <p>Formula: {@code out_proj(attention(q·Wqᵀ + bq, k·Wkᵀ + bk, v·Wvᵀ + bv))}, see {@link
 * ScaledDotProductAttention}. Shapes: queries {@code [N, Tq, E]}, keys and values {@code [N, Tk, E]
 * -> [N, Tq, E]}. Dtypes: F32, F64. Gradient: to inputs and parameters. Parameters as PyTorch's:
 * {@code in_proj_weight} {@code [3E, E]}, {@code in_proj_bias} {@code [3E]}, {@code
 * out_proj.weight} {@code [E, E]}, {@code out_proj.bias} {@code [E]}. A {@link Mask} with truth
 * values says what is allowed, where PyTorch's layer says what is forbidden. Source: Vaswani et al.
 * (2017); {@code torch.nn.MultiheadAttention} with {@code batch_first} and equal sizes, without
 * returned weights.
 */
public final class MultiHeadAttention extends Module {
  private final int features;
  private final int heads;
  private final double dropout;
  private final Parameter weight;
  private final Parameter bias;
  private final Parameter[] weights = new Parameter[3];
  private final Parameter[] biases = new Parameter[3];
  private final Parameter contextWeight;
  private final Parameter contextBias;
  private final Linear outProjection;

  /** Creates a layer without dropout. */
  public MultiHeadAttention(ParameterFactory factory, int features, int heads) {
    this(factory, features, heads, 0);
  }

  /**
   * Creates a layer that starts as PyTorch's: the packed projection Xavier-uniform, biases 0.
   *
   * @param features E, a multiple of the heads
   * @param dropout fraction of the attention weights left out in training
   */
  public MultiHeadAttention(ParameterFactory factory, int features, int heads, double dropout) {
    if (heads < 1 || features < 1 || features % heads != 0) {
      throw TensorException.mismatch(
          "multi-head attention: expected features a multiple of the heads, got "
              + features
              + " and "
              + heads);
    }
    this.features = features;
    this.heads = heads;
    this.dropout = dropout;
    int packed = 3 * features;
    weight = register(factory.create("in_proj_weight", new XavierUniform(1), packed, features));
    bias = register(factory.create("in_proj_bias", Initializer.ZEROS, packed));
    for (int i = 0; i < 3; i++) {
      weights[i] = rows(weight, i, 1);
      biases[i] = rows(bias, i, 1);
    }
    contextWeight = rows(weight, 1, 2);
    contextBias = rows(bias, 1, 2);
    outProjection =
        register(
            "out_proj", new Linear(factory, features, features, Kaiming.LINEAR, Initializer.ZEROS));
  }

  /** Parts of a packed parameter, as a view on its numbers and its gradient. */
  private Parameter rows(Parameter all, int part, int parts) {
    long first = (long) part * features;
    long count = (long) parts * features;
    return new Parameter(
        all.name(), all.value().narrow(first, count), all.gradient().narrow(first, count));
  }

  /** Self-attention without dropout. */
  public Variable forward(Variable x, Mask mask) {
    return forward(x, mask, null);
  }

  /** Self-attention; with streams, for training, with dropout. */
  public Variable forward(Variable x, Mask mask, @Nullable Streams streams) {
    Variable packed = x.linear(weight, bias);
    return attend(
        new Columns(packed, 0),
        new Columns(packed, features),
        new Columns(packed, 2L * features),
        mask,
        streams);
  }

  /** Attention from one sequence to another, whose rows are keys and values. */
  public Variable cross(Variable x, Variable context, Mask mask, @Nullable Streams streams) {
    Variable packed = context.linear(contextWeight, contextBias);
    return attend(
        new Columns(x.linear(weights[0], biases[0]), 0),
        new Columns(packed, 0),
        new Columns(packed, features),
        mask,
        streams);
  }

  /** Attention with keys and values of their own. */
  public Variable forward(
      Variable queries, Variable keys, Variable values, Mask mask, @Nullable Streams streams) {
    return attend(
        new Columns(queries.linear(weights[0], biases[0]), 0),
        new Columns(keys.linear(weights[1], biases[1]), 0),
        new Columns(values.linear(weights[2], biases[2]), 0),
        mask,
        streams);
  }

  private Variable attend(Columns q, Columns k, Columns v, Mask mask, @Nullable Streams streams) {
    var options =
        dropout > 0 && streams != null
            ? new ScaledDotProductAttention.Options(heads, features, mask, dropout, streams.next())
            : new ScaledDotProductAttention.Options(heads, features, mask);
    return outProjection.forward(ScaledDotProductAttention.apply(options, q, k, v));
  }
}
