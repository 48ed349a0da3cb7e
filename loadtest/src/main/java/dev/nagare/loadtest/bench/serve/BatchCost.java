package dev.nagare.loadtest.bench.serve;

import dev.nagare.loadtest.bench.serve.wire.Generator;
import dev.nagare.loadtest.bench.serve.wire.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * What a batch of n rows costs the server, a·n + b: least squares over the mean times of batches of
 * one to some rows, as its metrics have them, one call at a time, so that nothing disturbs them.
 *
 * @param each a, seconds
 * @param fixed b, seconds, at least 0
 */
record BatchCost(double each, double fixed) {
  /** Few, so that a thousandth of a large batch does not pass for the cost of a small one. */
  private static final int[] ROWS = {1, 2, 4, 8};

  private static final int ROUNDS = 4;
  private static final Duration LENGTH = Duration.ofMillis(300);

  /** Asks for one and some rows in turn. */
  static BatchCost of(Subject server, String model, Tensor row)
      throws IOException, InterruptedException {
    double[] seconds = new double[ROWS.length];
    double[] batches = new double[ROWS.length];
    for (int round = 0; round <= ROUNDS; round++) {
      for (int i = 0; i < ROWS.length; i++) {
        var call = Dialect.BINARY.ask(server.port(), model, List.of(row.times(ROWS[i])), "");
        try (var load = new Generator(server.port(), Transport.http(1), List.of(call))) {
          load.answers();
          var before = new Metrics(server.server().metrics());
          server.requireAnswered(load.closed(1, LENGTH), "batches of " + ROWS[i]);
          var after = new Metrics(server.server().metrics());
          if (round > 0) { // the first one warms up
            seconds[i] += more("nagare_compute_duration_seconds_sum", model, before, after);
            batches[i] += more("nagare_compute_duration_seconds_count", model, before, after);
          }
        }
      }
    }
    return fit(seconds, batches);
  }

  private static double more(String name, String model, Metrics before, Metrics after)
      throws IOException {
    return after.value(name, model) - before.value(name, model);
  }

  private static BatchCost fit(double[] seconds, double[] batches) {
    double sumN = 0;
    double sumT = 0;
    double sumNn = 0;
    double sumNt = 0;
    for (int i = 0; i < ROWS.length; i++) {
      double time = seconds[i] / batches[i];
      sumN += ROWS[i];
      sumT += time;
      sumNn += (double) ROWS[i] * ROWS[i];
      sumNt += ROWS[i] * time;
    }
    int count = ROWS.length;
    double each = (count * sumNt - sumN * sumT) / (count * sumNn - sumN * sumN);
    return new BatchCost(each, Math.max(0, (sumT - each * sumN) / count));
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
