package dev.nagare.tensor.kernel;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import org.jspecify.annotations.Nullable;

/**
 * Scaled dot-product attention of several heads, F32 or F64:
 *
 * <pre>
 * weights = softmax(scale · q · kᵀ + mask)      out = (weights ⊙ keep) · v
 * </pre>
 *
 * <p>Heads lie side by side in the columns of their operands and are reached by strides, so nothing
 * is permuted. A query that may attend to no key has weights and result of zero (in PyTorch, not a
 * number). A sequence's bits depend on its own rows and on the sizes {@code Tq}, {@code Tk}, D and
 * heads, not on the other sequences.
 */
public interface Attention {

  /**
   * {@code E} columns of a tensor {@code [N, T, W]}, such as the keys in a packed projection.
   *
   * @param rows dense
   * @param column where they begin
   */
  record Operand(Tensor rows, long column) {}

  /**
   * How heads and scores are to be understood.
   *
   * @param heads how many share the columns
   * @param scale factor on a score, usually {@code 1 / √D}
   * @param mask which keys a query may attend to
   */
  record Form(int heads, double scale, Mask mask) {}

  /**
   * Which keys a query may attend to: those that every part allows.
   *
   * @param causal whether query i sees keys 0 to i only
   * @param lengths {@code [N]}, whole numbers from 0 to {@code Tk}: how many keys, from the first,
   *     are there at all; null for all
   * @param added to the scores, {@code [Tq, Tk]} or {@code [N or 1, heads or 1, Tq, Tk]}, of the
   *     operands' dtype; -∞ forbids; null for none
   */
  record Mask(boolean causal, @Nullable Tensor lengths, @Nullable Tensor added) {
    /** Every key is allowed. */
    public static final Mask NONE = new Mask(false, null, null);

    /** Query i sees keys 0 to i. */
    public static final Mask CAUSAL = new Mask(true, null, null);

    /** The same, and only that many keys of each sequence are there. */
    public Mask withLengths(Tensor keys) {
      return new Mask(causal, keys, added);
    }

    /** The same with numbers that are added to the scores. */
    public Mask withAdded(Tensor scores) {
      return new Mask(causal, lengths, scores);
    }

    /**
     * The same with truth values, row-major: true where a query may attend to a key, as in
     * PyTorch's {@code scaled_dot_product_attention}.
     */
    public Mask withAllowed(Memory memory, DType dtype, boolean[] allowed, long... dims) {
      Tensor scores = memory.zeros(dtype, Shape.of(dims));
      if (scores.elements() != allowed.length) {
        throw TensorException.mismatch(
            "attention mask: " + allowed.length + " truth values do not fit " + scores.shape());
      }
      for (int i = 0; i < allowed.length; i++) {
        if (!allowed[i]) {
          scores.set(i, Double.NEGATIVE_INFINITY);
        }
      }
      return withAdded(scores);
    }
  }

  /**
   * Attends.
   *
   * @param q {@code [N, Tq, E]} of what it is packed in, E a multiple of the heads
   * @param k {@code [N, Tk, E]}
   * @param v {@code [N, Tk, E]}
   * @param keep {@code [N, heads, Tq, Tk]}, factors of dropout; null for none
   * @param weights {@code [N, heads, Tq, Tk]}, receives the softmax, which the backward needs
   * @param work {@code [2, heads, Tq, Tk]}, content undefined on entry and on return
   * @param out {@code [N, Tq, E]}
   */
  void forward(
      Form form,
      Operand q,
      Operand k,
      Operand v,
      @Nullable Tensor keep,
      Tensor weights,
      Tensor work,
      Tensor out);

  /**
   * Adds the gradients of {@code q}, {@code k} and {@code v} to {@code dq}, {@code dk} and {@code
   * dv}, sequence by sequence in this order: v, q, k. These may be columns of one tensor.
   *
   * @param keep as in the forward
   * @param weights as the forward left them
   * @param work as in the forward
   * @param dOut gradient with respect to out
   */
  void backward(
      Form form,
      Operand q,
      Operand k,
      Operand v,
      @Nullable Tensor keep,
      Tensor weights,
      Tensor work,
      Tensor dOut,
      Operand dq,
      Operand dk,
      Operand dv);

  /** The products for F32. */
  StridedProduct products();

  /** The same with other products for F32. */
  Attention with(StridedProduct products);
}
