package dev.nagare.autograd;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.ConstantOfShape;
import dev.nagare.graph.op.Slice;
import dev.nagare.graph.op.Trilu;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Attention;
import dev.nagare.tensor.kernel.Attention.Mask;
import dev.nagare.tensor.kernel.Attention.Operand;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Attention of several heads as a single operator with a hand-written backward.
 *
 * <p>Formula: see {@link Attention}, with {@code scale = 1 / √D}. Shapes: q {@code [N, Tq, E]}, k
 * and v {@code [N, Tk, E] -> [N, Tq, E]}; head h has columns {@code h·D .. h·D + D - 1} for {@code
 * D = E / heads}. Each operand may be some columns of a wider variable, such as a packed
 * projection, and two may be of the same. Dtypes: F32, F64. Gradient: to q, k and v; a mask gets
 * none. A query that may attend to no key has a result of zero, and gives no gradient. Source:
 * Vaswani et al. (2017); {@code torch.nn.functional.scaled_dot_product_attention}, whose heads are
 * an axis of their own and whose wholly masked queries give what is not a number.
 */
public final class ScaledDotProductAttention extends Node {
  private final Attention.Form form;
  private final Operand q;
  private final Operand k;
  private final Operand v;
  private final @Nullable Tensor keep;
  private final Tensor weights;
  private final long width; // E

  private ScaledDotProductAttention(
      Attention.Form form,
      long width,
      Variable[] operands,
      Operand q,
      Operand k,
      Operand v,
      @Nullable Tensor keep,
      Tensor weights) {
    super("attention", operands);
    this.form = form;
    this.width = width;
    this.q = q;
    this.k = k;
    this.v = v;
    this.keep = keep;
    this.weights = weights;
  }

  /**
   * E columns of a variable {@code [N, T, W]}.
   *
   * @param rows of what they are columns
   * @param first where they begin
   */
  public record Columns(Variable rows, long first) {
    private Operand operand(Tape tape) {
      return new Operand(rows.value().contiguous(tape.scope()), first);
    }
  }

  /**
   * What a call attends with.
   *
   * @param heads how many share the columns
   * @param columns E, of all heads together
   * @param mask which keys a query may attend to
   * @param dropout fraction of the weights left out, from 0 up to but not including 1
   * @param random which weights those are; null without dropout
   */
  public record Options(
      int heads, long columns, Mask mask, double dropout, @Nullable CounterRandom random) {

    /** Without dropout. */
    public Options(int heads, long columns, Mask mask) {
      this(heads, columns, mask, 0, null);
    }
  }

  /** Attends; the mask's tensors must not change until the backward has run. */
  public static Variable apply(Options options, Columns q, Columns k, Columns v) {
    Tape tape = Tape.of("attention", q.rows, k.rows);
    int heads = options.heads;
    if (q.rows.shape().rank() != 3
        || k.rows.shape().rank() != 3
        || heads < 1
        || options.columns < 1
        || options.columns % heads != 0) {
      throw TensorException.mismatch(
          "attention: expected q [N, Tq, E] and k [N, Tk, E] with E a multiple of the heads, got "
              + q.rows
              + " and "
              + k.rows
              + " with E = "
              + options.columns
              + " and "
              + heads
              + " heads");
    }
    Tensor queries = q.rows.value();
    long n = queries.dim(0);
    long steps = queries.dim(1);
    long keys = k.rows.value().dim(1);
    Shape scores = Shape.of(n, heads, steps, keys);
    Tensor keep = null;
    if (options.dropout != 0) {
      if (options.random == null) {
        throw TensorException.mismatch("attention: dropout needs random numbers, got none");
      }
      keep = tape.scope().empty(queries.dtype(), scores);
      Dropout.fill(keep, options.dropout, options.random);
    }
    Tensor weights = tape.scope().empty(queries.dtype(), scores);
    Tensor work = tape.scope().empty(queries.dtype(), Shape.of(2, heads, steps, keys));
    Tensor out = tape.scope().empty(queries.dtype(), Shape.of(n, steps, options.columns));
    double scale = Math.sqrt((double) heads / options.columns);
    var form = new Attention.Form(heads, scale, options.mask);
    Operand query = q.operand(tape);
    Operand key = k.operand(tape);
    Operand value = v.operand(tape);
    tape.kernels().attention().forward(form, query, key, value, keep, weights, work, out);
    Variable[] operands = {q.rows, k.rows, v.rows};
    var node =
        new ScaledDotProductAttention(
            form, options.columns, operands, query, key, value, keep, weights);
    return tape.record(node, out);
  }

  @Override
  protected Value trace(Tracing into) {
    var mask = form.mask();
    if (keep != null || mask.lengths() != null) {
      throw untraceable(); // only what is added to scores is an operand of a graph's attention
    }
    long columns = input(0).value().dim(-1);
    Value one = into.value(input(0));
    boolean packed =
        one == into.value(input(1))
            && one == into.value(input(2))
            && 3 * width == columns
            && q.column() == 0
            && k.column() == width
            && v.column() == 2 * width;
    var operator = new dev.nagare.graph.op.Attention(form.heads(), form.scale(), packed, false);
    var operands = new ArrayList<Value>();
    if (packed) {
      operands.add(one);
    } else {
      operands.add(columns(into, one, q));
      operands.add(columns(into, into.value(input(1)), k));
      operands.add(columns(into, into.value(input(2)), v));
    }
    Value added = mask.added() == null ? null : into.value(mask.added());
    if (mask.causal()) {
      Value later = later(into, one.fact().dim(1), into.value(input(1)).fact().dim(1));
      added = added == null ? later : into.add(new Binary(Binary.Function.ADD), added, later);
    }
    if (added != null) {
      operands.add(added);
    }
    return into.add(operator, operands.toArray(Value[]::new));
  }

  /** What is added to scores so that no query sees a later key: -∞ above the diagonal, else 0. */
  private Value later(Tracing into, Dim queries, Dim keys) {
    DType dtype = input(0).value().dtype();
    Value all =
        into.add(new ConstantOfShape(List.of(queries, keys), dtype, Double.NEGATIVE_INFINITY));
    return into.add(new Trilu(true, 1), all);
  }

  private Value columns(Tracing into, Value rows, Operand operand) {
    if (rows.fact().dim(-1).is(width)) {
      return rows;
    }
    Dim start = Dim.of(operand.column());
    var slice = new Slice(List.of(2), List.of(start), List.of(start.plus(width)), List.of(1L));
    return into.add(slice, rows);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor value = weights;
    Shape two = Shape.of(2, value.dim(1), value.dim(2), value.dim(3));
    Tensor work = tape.scope().empty(value.dtype(), two);
    tape.kernels()
        .attention()
        .backward(
            form,
            q,
            k,
            v,
            keep,
            weights,
            work,
            gradient,
            slopes(tape, 0, q),
            slopes(tape, 1, k),
            slopes(tape, 2, v));
  }

  /** Where the gradient of an operand goes, or a place for one that is not wanted. */
  private Operand slopes(Tape tape, int index, Operand operand) {
    Variable variable = input(index);
    Tensor to =
        variable.requiresGradient()
            ? gradientOf(tape, variable)
            : tape.scope().zeros(operand.rows().dtype(), operand.rows().shape());
    return new Operand(to, operand.column());
  }
}
