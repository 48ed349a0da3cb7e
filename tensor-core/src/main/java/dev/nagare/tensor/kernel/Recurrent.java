package dev.nagare.tensor.kernel;

import dev.nagare.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Recurrences over whole sequences whose rows may end before the last step, F32 or F64.
 *
 * <p>Lengths are {@code [N]}, whole numbers from 0 to T of any dtype that holds them; null stands
 * for T each. Past its end a row has hidden states of zero and gives no gradient. Weights are
 * input-major as in {@link Kernels#lstmForward}. A row's bits depend neither on the other rows nor
 * on T, and a sequence that is cut with its state carried over has the bits of the whole one.
 */
public interface Recurrent {

  /** What a plain recurrent layer applies. */
  enum Activation {
    /** Hyperbolic tangent. */
    TANH(Kernels.Unary.TANH),
    /** {@code max(x, 0)}. */
    RELU(Kernels.Unary.RELU);

    final Kernels.Unary function;

    Activation(Kernels.Unary function) {
      this.function = function;
    }
  }

  /** As {@link Kernels#lstmForward}, with the same bits, each row as far as it goes. */
  void lstmForward(
      Tensor gates,
      Tensor weightHh,
      Tensor h0,
      Tensor c0,
      @Nullable Tensor lengths,
      Tensor h,
      Tensor c);

  /**
   * As {@link Kernels#lstmBackward}; on entry {@code dc0} is the gradient with respect to each
   * row's cell state at its own end. What {@code dh} holds past a row's end does not count.
   */
  void lstmBackward(
      Tensor gates,
      Tensor weightHh,
      Tensor h0,
      Tensor c0,
      @Nullable Tensor lengths,
      Tensor h,
      Tensor c,
      Tensor dh,
      Tensor dWeightHh,
      Tensor dh0,
      Tensor dc0);

  /**
   * A gated recurrent unit, gates in PyTorch's order r, z, n:
   *
   * <pre>
   * u = h_{t-1} · weightHh + biasHh
   * r = σ(gates_r + u_r)      z = σ(gates_z + u_z)      n = tanh(gates_n + r ⊙ u_n)
   * h_t = n + z ⊙ (h_{t-1} - n)
   * </pre>
   *
   * @param gates {@code [N, T, 3H]}: on entry the input's part {@code x·weightIh + biasIh}, on
   *     return r, z and n
   * @param inner {@code [N, T, 3H]}, receives u
   * @param weightHh {@code [H, 3H]}
   * @param biasHh {@code [3H]}
   * @param h0 {@code [N, H]}
   * @param h {@code [N, T, H]}, receives the hidden states
   */
  void gruForward(
      Tensor gates,
      Tensor inner,
      Tensor weightHh,
      Tensor biasHh,
      Tensor h0,
      @Nullable Tensor lengths,
      Tensor h);

  /**
   * The backward of {@link #gruForward}.
   *
   * @param gates on entry as the forward left it, on return the gradient of its entry
   * @param inner on entry as the forward left it, on return the gradient of u
   * @param dh {@code [N, T, H]}: gradient with respect to h; on return overwritten
   * @param dWeightHh {@code [H, 3H]}: the gradient is added
   * @param dh0 {@code [N, H]}: receives the gradient
   */
  void gruBackward(
      Tensor gates,
      Tensor inner,
      Tensor weightHh,
      Tensor h0,
      @Nullable Tensor lengths,
      Tensor h,
      Tensor dh,
      Tensor dWeightHh,
      Tensor dh0);

  /**
   * A plain recurrence, {@code h_t = f(gates_t + h_{t-1} · weightHh)}.
   *
   * @param gates {@code [N, T, H]}: the input's part {@code x·weightIh + biasIh + biasHh}; on
   *     return overwritten
   * @param weightHh {@code [H, H]}
   * @param h0 {@code [N, H]}
   * @param h {@code [N, T, H]}, receives the hidden states
   */
  void rnnForward(
      Activation f, Tensor gates, Tensor weightHh, Tensor h0, @Nullable Tensor lengths, Tensor h);

  /**
   * The backward of {@link #rnnForward}.
   *
   * @param gates {@code [N, T, H]}, receives the gradient of its entry
   * @param dh {@code [N, T, H]}: gradient with respect to h; on return overwritten
   * @param dWeightHh {@code [H, H]}: the gradient is added
   * @param dh0 {@code [N, H]}: receives the gradient
   */
  void rnnBackward(
      Activation f,
      Tensor gates,
      Tensor weightHh,
      Tensor h0,
      @Nullable Tensor lengths,
      Tensor h,
      Tensor dh,
      Tensor dWeightHh,
      Tensor dh0);

  /**
   * The steps of each row up to its end, in their order or from the end to the first; zeros, or
   * nothing added, after them.
   *
   * @param x {@code [N, T, C]}
   * @param out {@code [N, T, C]}, receives the steps, or they are added to it
   */
  void arrange(Tensor x, @Nullable Tensor lengths, boolean reverse, Tensor out, boolean accumulate);
}
