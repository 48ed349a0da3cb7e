package dev.nagare.loadtest.bench.serve;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.Figure;
import java.util.List;

/**
 * A row that nobody has written yet, so that the table does not pass over it.
 *
 * @param name of the row
 * @param unit of its figure
 * @param reason why there is none
 */
record NotYet(String name, String unit, String reason) implements Figure {
  @Override
  public List<String> names() {
    return List.of(name);
  }

  @Override
  public List<BenchResult> measure(Bench bench) {
    return List.of(BenchResult.missing(name, unit, reason));
  }
}
