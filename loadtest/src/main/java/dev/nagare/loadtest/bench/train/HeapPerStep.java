package dev.nagare.loadtest.bench.train;

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
 */
record HeapPerStep(String name, Side side) implements Figure {
  private static final int WARM_UP_STEPS = 20_000;
  private static final int STEPS = 2_000;

  @Override
  public List<String> names() {
    return List.of(name);
  }

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException {
    try (SideProcess process = new SideProcess(side)) {
      process.heapPerStep(WARM_UP_STEPS);
      double bytes = process.heapPerStep(STEPS);
      String note =
          process.description()
              + "; mean of "
              + STEPS
              + " steps after "
              + WARM_UP_STEPS
              + "; "
              + MachineFacts.line();
      return List.of(BenchResult.of(name, "bytes", bytes, note));
    }
  }
}
