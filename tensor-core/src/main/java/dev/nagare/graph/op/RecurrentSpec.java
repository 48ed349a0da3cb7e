package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.tensor.TensorException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the recurrent layers have in common.
 *
 * @param hidden size of a state
 * @param direction in which sequences are read
 * @param batchFirst whether x is {@code [N, T, I]}, y {@code [N, T, D, H]} and states {@code [N, D,
 *     H]}, or {@code [T, N, I]}, {@code [T, D, N, H]} and {@code [D, N, H]}
 * @param clip what enters an activation is held between this and its negative; 0 for no bound
 * @param activations those of each direction in turn; none stands for the usual ones
 */
public record RecurrentSpec(
    long hidden,
    Direction direction,
    boolean batchFirst,
    double clip,
    List<Activation> activations) {
  /** Copies the list. */
  public RecurrentSpec {
    activations = List.copyOf(activations);
  }

  /** In which direction sequences are read. */
  public enum Direction {
    /** From the first step to the last. */
    FORWARD,
    /** From the last step to the first. */
    REVERSE,
    /** Both, by weights of their own. */
    BIDIRECTIONAL
  }

  /** A layer with the usual activations and no bound, steps first. */
  public RecurrentSpec(long hidden, Direction direction) {
    this(hidden, direction, false, 0, List.of());
  }

  /** How many directions there are. */
  public int directions() {
    return direction == Direction.BIDIRECTIONAL ? 2 : 1;
  }

  /** Whether a direction reads from the last step to the first. */
  boolean reverses(int which) {
    return direction == Direction.REVERSE || which == 1;
  }

  /** Whether every direction applies these, without a bound. */
  boolean isUsual(List<Activation> usual) {
    for (int i = 0; i < activations.size(); i++) {
      if (!activations.get(i).equals(usual.get(i % usual.size()))) {
        return false;
      }
    }
    return clip == 0;
  }

  /** What a direction applies, the usual ones if none are given. */
  List<Activation> activations(int d, List<Activation> usual) {
    int each = usual.size();
    return activations.isEmpty() ? usual : activations.subList(d * each, (d + 1) * each);
  }

  /** The shape rule of all layers, which differ in the number of gates. */
  List<Fact> infer(
      String op,
      List<@Nullable Fact> inputs,
      int gates,
      int biases,
      int activationsEach,
      boolean cell) {
    if (!activations.isEmpty() && activations.size() != directions() * activationsEach) {
      throw TensorException.mismatch(
          op
              + ": activations "
              + activations
              + ", expected "
              + activationsEach
              + " for each of "
              + directions()
              + " directions");
    }
    Fact x = Rules.rank(op, 3, Rules.floating(op, Rules.required(op, inputs, 0)));
    Dim d = Dim.of(directions());
    Dim h = Dim.of(hidden);
    Dim t = x.dim(batchFirst ? 1 : 0);
    Dim n = x.dim(batchFirst ? 0 : 1);
    expect(op, "w", x, Rules.required(op, inputs, 1), d, x.dim(2), h.times(gates));
    expect(op, "r", x, Rules.required(op, inputs, 2), d, h, h.times(gates));
    expect(op, "b", x, Rules.optional(inputs, 3), d, h.times(biases));
    Fact lengths = Rules.optional(inputs, 4);
    if (lengths != null && (lengths.dtype().isFloating() || lengths.rank() != 1)) {
      throw TensorException.mismatch(
          op + ": lengths " + lengths + ", expected integers [" + n + "]");
    }
    Dim[] state = batchFirst ? new Dim[] {n, d, h} : new Dim[] {d, n, h};
    expect(op, "h0", x, Rules.optional(inputs, 5), state);
    Fact last = Fact.of(x.dtype(), List.of(state));
    Fact y = Fact.of(x.dtype(), batchFirst ? List.of(n, t, d, h) : List.of(t, d, n, h));
    if (!cell) {
      return List.of(y, last);
    }
    expect(op, "c0", x, Rules.optional(inputs, 6), state);
    expect(op, "peepholes", x, Rules.optional(inputs, 7), d, h.times(3));
    return List.of(y, last, last);
  }

  private static void expect(String op, String what, Fact x, @Nullable Fact fact, Dim... shape) {
    if (fact == null) {
      return;
    }
    Rules.sameDtype(op, x, fact);
    boolean fits = fact.rank() == shape.length;
    for (int i = 0; fits && i < shape.length; i++) {
      fits = !Rules.differ(fact.dim(i), shape[i]);
    }
    if (!fits) {
      throw TensorException.mismatch(
          op + ": " + what + " " + fact.shape() + ", expected " + List.of(shape));
    }
  }
}
