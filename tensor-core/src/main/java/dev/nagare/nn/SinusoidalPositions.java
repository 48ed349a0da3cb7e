package dev.nagare.nn;

import dev.nagare.autograd.Positions;
import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;

/**
 * Adds waves whose length grows with the column: {@code sin(t / 10000^(2i/E))} to column 2i and the
 * cosine to column 2i + 1 of step t.
 *
 * <p>Shapes: {@code [N, T, E] -> [N, T, E]}, T at most the longest. Dtypes: that of the table.
 * Gradient: to the input; there are no parameters. Source: Vaswani et al. (2017), section 3.5.
 */
public final class SinusoidalPositions extends Module {
  private final Tensor table;

  /** Makes a table, in memory that its owner closes after the last use. */
  public SinusoidalPositions(Memory memory, DType dtype, int longest, int features) {
    table = memory.empty(dtype, Shape.of(longest, features));
    for (int t = 0; t < longest; t++) {
      for (int i = 0; i < features; i++) {
        double angle = t * StrictMath.pow(10000, -(i & ~1) / (double) features);
        table.set(
            (long) t * features + i, (i & 1) == 0 ? StrictMath.sin(angle) : StrictMath.cos(angle));
      }
    }
  }

  /** Adds the waves from step 0 on. */
  public Variable forward(Variable x) {
    return forward(x, 0);
  }

  /** Adds the waves from a step on: x is a piece of a longer sequence. */
  public Variable forward(Variable x, long first) {
    return Positions.apply(x, Tape.of("positions", x).constant(table), first);
  }
}
