package dev.nagare.graph.plan;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import java.util.List;

/**
 * Whether a row has the bits alone that it has beside another one: libraries compute one row in
 * other ways than many. Tried out with numbers made up, since which way is taken depends on sizes
 * and not on numbers.
 */
final class LoneRow {
  private static final int TRIALS = 4;

  private final Frame one;
  private final Frame two;

  private LoneRow(Frame one, Frame two) {
    this.one = one;
    this.two = two;
  }

  /** Whether a row alone is something else than many, and can be made up. */
  static boolean isPossible(Graph graph, String dim) {
    return graph.inputs().stream().allMatch(input -> input.fact().dtype() == DType.F32)
        && graph.inputs().stream()
            .flatMap(input -> input.fact().shape().stream())
            .anyMatch(size -> size.equals(Dim.named(dim)));
  }

  /**
   * Runs both.
   *
   * @param one for one row, of inputs in F32
   * @param two of the same graph for two rows
   * @return false also if rows do not lie one after the other
   */
  static boolean agrees(PlanEntry one, PlanEntry two) {
    if (!inPairs(one.plan.inputSlots(), two.plan.inputSlots())
        || !inPairs(one.plan.outputSlots(), two.plan.outputSlots())) {
      return false;
    }
    try (Frame alone = one.open(null);
        Frame beside = two.open(null)) {
      return new LoneRow(alone, beside).agrees();
    }
  }

  private static boolean inPairs(List<Slot> one, List<Slot> two) {
    for (int i = 0; i < one.size(); i++) {
      if (one.get(i).shape.rank() == 0
          || one.get(i).shape.dim(0) != 1
          || two.get(i).shape.dim(0) != 2
          || 2 * one.get(i).shape.elements() != two.get(i).shape.elements()) {
        return false;
      }
    }
    return true;
  }

  private boolean agrees() {
    for (int trial = 0; trial < TRIALS; trial++) {
      for (int i = 0; i < two.plan().inputSlots().size(); i++) {
        fill(two.input(i), new CounterRandom(trial, 0, i));
      }
      two.run();
      for (int row = 0; row < 2; row++) {
        if (!agrees(row)) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean agrees(int row) {
    for (int i = 0; i < one.plan().inputSlots().size(); i++) {
      one.input(i).copyFrom(two.input(i).narrow(row, 1));
    }
    one.run();
    for (int i = 0; i < one.plan().outputSlots().size(); i++) {
      if (!one.output(i).hasSameBits(two.output(i).narrow(row, 1))) {
        return false;
      }
    }
    return true;
  }

  private static void fill(Tensor tensor, CounterRandom random) {
    float[] values = new float[Math.toIntExact(tensor.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (2 * random.uniform(i) - 1);
    }
    tensor.copyFrom(values, 0);
  }
}
