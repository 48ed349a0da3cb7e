package dev.nagare.loadtest.bench.serve;

import dev.nagare.loadtest.bench.serve.wire.Call;
import dev.nagare.loadtest.bench.serve.wire.Generator;
import dev.nagare.loadtest.bench.serve.wire.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a batch of n rows costs the server, a·n + b, as the server has learned it from batches that
 * nothing disturbed: under load a lane shares its core with the doors, and their time would count.
 *
 * @param each a, seconds
 * @param fixed b, seconds
 */
record BatchCost(double each, double fixed) {
  /** Few, so that a thousandth of a large batch does not pass for the cost of a small one. */
  private static final int[] ROWS = {1, 2, 4, 8};

  private static final Duration LENGTH = Duration.ofSeconds(3);

  /** Asks for one and some rows in turn, one call at a time. */
  static BatchCost of(Subject server, String model, Tensor row)
      throws IOException, InterruptedException {
    List<Call> calls = new ArrayList<>();
    for (int rows : ROWS) {
      calls.add(Dialect.BINARY.ask(server.port(), model, List.of(row.times(rows)), ""));
    }
    try (var load = new Generator(server.port(), Transport.http(1), calls)) {
      load.answers();
      load.closed(1, LENGTH);
    }
    var metrics = new Metrics(server.server().metrics());
    return new BatchCost(
        metrics.value("nagare_batch_cost_per_work_seconds", model),
        metrics.value("nagare_batch_cost_fixed_seconds", model));
  }

  /**
   * How much more a server can do that saves all but one of a batch its fixed cost.
   *
   * @param single processor time of a request without batches, seconds, all told
   * @param rows in a batch
   */
  double bound(double single, int rows) {
    return single / (single - fixed * (1 - 1.0 / rows));
  }
}
