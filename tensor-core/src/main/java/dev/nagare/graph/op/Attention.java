package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Scaled dot-product attention of several heads that lie side by side in the columns:
 *
 * <pre>
 * out = softmax(scale · q · kᵀ + mask) · v
 * </pre>
 *
 * <p>Inputs:
 *
 * <ul>
 *   <li>q {@code [B, S, H·D]}, k and v {@code [B, T, H·D]}; or, packed, one {@code [B, S, 3·H·D]}
 *       with the columns of q, k and v in this order;
 *   <li>mask, or absent: added to the scores, broadcast to {@code [B, H, S, T]}.
 * </ul>
 *
 * <p>Output: {@code [B, S, H·D]}. Dtypes: F32, F64.
 *
 * <p><b>Ragged</b>: the rows of all sequences lie one after the other, {@code [tokens, H·D]} or
 * {@code [tokens, 3·H·D]}, each attends to those of its own sequence, and in the place of the mask
 * come offsets, I32 or I64 {@code [sequences + 1]}: sequence i has the rows from {@code offsets[i]}
 * up to {@code offsets[i + 1]}, and may have none. Output: {@code [tokens, H·D]}; rows that belong
 * to no sequence are 0.
 *
 * <p>No ONNX operator: a pass makes it of products, transposes and a softmax. Source: Vaswani et
 * al. (2017); {@code torch.nn.functional.scaled_dot_product_attention}, where heads are an axis.
 *
 * @param heads H, how many share the columns
 * @param scale factor on a score, usually {@code 1 / √D}
 * @param packed whether q, k and v are columns of one input
 * @param ragged whether the last input is offsets
 */
public record Attention(int heads, double scale, boolean packed, boolean ragged)
    implements Operator {

  /** With three inputs of equal lengths. */
  public Attention(int heads, double scale) {
    this(heads, scale, false, false);
  }

  /** How many inputs come before the mask or the offsets. */
  public int operands() {
    return packed ? 1 : 3;
  }

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    int count = operands();
    int most = count + 1;
    if (inputs.size() < count || inputs.size() > most) {
      throw TensorException.mismatch(
          "attention: expected " + count + " or " + most + " inputs, got " + inputs.size());
    }
    int rank = ragged ? 2 : 3;
    for (int i = 0; i < count; i++) {
      Rules.rank(name(), rank, Rules.floating(name(), Rules.required(name(), inputs, i)));
    }
    Fact q = Rules.required(name(), inputs, 0);
    Dim width = q.dim(-1);
    Dim columns = packed ? width.exactDiv(Dim.of(3)) : width;
    boolean fits = columns != null && columns.exactDiv(Dim.of(heads)) != null;
    for (int i = 1; i < count; i++) {
      fits &= Rules.required(name(), inputs, i).dim(-1).equals(width);
    }
    if (!fits || columns == null) {
      throw TensorException.mismatch(
          this + ": expected columns that " + heads + " heads share evenly, got " + inputs);
    }
    Fact last = inputs.size() == most ? inputs.get(count) : null;
    if (ragged) {
      boolean whole = last != null && (last.dtype() == DType.I64 || last.dtype() == DType.I32);
      if (last == null || !whole || last.rank() != 1) {
        throw TensorException.mismatch(
            "attention: expected offsets I64 [sequences + 1], got " + last);
      }
    } else if (last != null) {
      mask(last, q, Rules.required(name(), inputs, packed ? 0 : 1));
    }
    var shape = new ArrayList<>(q.shape());
    shape.set(rank - 1, columns);
    return List.of(Fact.of(q.dtype(), shape));
  }

  private void mask(Fact mask, Fact q, Fact k) {
    List<Dim> scores = List.of(q.dim(0), Dim.of(heads), q.dim(1), k.dim(1));
    boolean fits = mask.dtype() == q.dtype() && mask.rank() <= 4;
    for (int i = 1; fits && i <= mask.rank(); i++) {
      Dim have = mask.dim(-i);
      Dim want = scores.get(4 - i);
      fits = !have.isKnown() || !want.isKnown() || have.is(1) || have.equals(want);
    }
    if (!fits) {
      throw TensorException.mismatch(
          "attention: mask " + mask + " does not broadcast to the scores " + scores);
    }
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    int count = operands();
    Tensor last = inputs.size() > count ? inputs.get(count) : null;
    Tensor out = outputs.getFirst();
    long columns = out.dim(-1);
    var operands = new ArrayList<Tensor>();
    var first = new ArrayList<Long>();
    for (int i = 0; i < 3; i++) {
      Tensor operand = inputs.get(packed ? 0 : i);
      if (operand == null) {
        throw TensorException.mismatch("attention: input " + i + " is absent");
      }
      operands.add(operand);
      first.add(packed ? i * columns : 0);
    }
    if (!ragged) {
      return AttentionSteps.padded(kernels, this, operands, first, last, out, scratch);
    }
    if (last == null) {
      throw TensorException.mismatch("attention: the offsets are absent");
    }
    return AttentionSteps.ragged(kernels, this, operands, first, last, out, scratch);
  }

  /** Such as {@code attention 12 heads, scale 0.125, packed}. */
  @Override
  public String toString() {
    return "attention "
        + heads
        + (heads == 1 ? " head" : " heads")
        + ", scale "
        + scale
        + (packed ? ", packed" : "")
        + (ragged ? ", ragged" : "");
  }
}
