package dev.nagare.loadtest.bench.duel;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.Figure;
import dev.nagare.loadtest.bench.MachineFacts;
import java.io.IOException;
import java.util.List;

/**
 * Bytes that a step leaves on the Java heap once the compilers are done.
 *
 * @param name of the figure
 * @param side whose steps they are
 * @param warmUpSteps steps before
 * @param steps of which the mean is taken
 */
public record HeapPerStep(String name, Side side, int warmUpSteps, int steps) implements Figure {
  @Override
  public List<String> names() {
    return List.of(name);
  }

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException {
    try (SideProcess process = new SideProcess(side)) {
      process.heapPerStep(warmUpSteps);
      double bytes = process.heapPerStep(steps);
      String note =
          process.description()
              + "; mean of "
              + steps
              + " steps after "
              + warmUpSteps
              + "; "
              + MachineFacts.line();
      return List.of(BenchResult.of(name, "bytes", bytes, note));
    }
  }
}
