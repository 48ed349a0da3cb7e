package dev.nagare.loadtest.bench.duel;

import java.util.List;

/**
 * As many multiplications and additions as some work has, from registers: what one core can do.
 *
 * @param operations multiplications and additions
 */
public record PeakSide(double operations) implements Side {

  /** Reads the operations. */
  static final class ByOperations implements Opener {
    @Override
    public Workload open(List<String> arguments) {
      return new MultiplyAddPeak(Double.parseDouble(arguments.getFirst()));
    }
  }

  @Override
  public Class<? extends Opener> opener() {
    return ByOperations.class;
  }

  @Override
  public List<String> arguments() {
    return List.of(Double.toString(operations));
  }

  @Override
  public int threads() {
    return 1;
  }
}
