package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.TensorException;

/**
 * The recurrence of an LSTM over whole sequences, F32, as {@link
 * dev.nagare.tensor.kernel.Kernels#lstmForward} but with the steps in front of the rows:
 *
 * <pre>
 * a_t = gates_t + h_{t-1} · weight          i, f, o = σ(a), g = tanh(a)
 * c_t = f ⊙ c_{t-1} + i ⊙ g                 h_t = o ⊙ tanh(c_t)
 * </pre>
 *
 * <p>Inputs: gates {@code [T, N, 4H]}, what enters from outside with all biases, in the order i, f,
 * g, o; the first h {@code [N, H]}; the first c {@code [N, H]}. Weight {@code [H, 4H]}. Result: h
 * {@code [T, N, H]}.
 *
 * @param steps T
 * @param rows N
 * @param hidden H, a multiple of {@value #UNITS}
 */
public record RecurrenceSpec(long steps, long rows, long hidden) {
  /** What the number of units is a multiple of. */
  public static final int UNITS = 32;

  /** Checks. */
  public RecurrenceSpec {
    Specs.positive("recurrence", "steps, rows and units", steps, rows, hidden);
    if (hidden % UNITS != 0) {
      throw TensorException.mismatch(
          "recurrence: expected a multiple of " + UNITS + " units, got " + hidden);
    }
  }
}
