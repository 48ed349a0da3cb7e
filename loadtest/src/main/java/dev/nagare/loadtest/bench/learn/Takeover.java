package dev.nagare.loadtest.bench.learn;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.Figure;
import dev.nagare.loadtest.bench.Idle;
import dev.nagare.loadtest.bench.Samples;
import dev.nagare.loadtest.process.Server;
import dev.nagare.streaming.kafka.RowProducer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The figures {@code takeover} and {@code takeover-afresh}: a learner is lost for good (SIGKILL,
 * never started again), and another instance goes on: one that stood by, or one that is started
 * then, with an empty folder. Until the first prediction that the lost one had not written.
 */
final class Takeover implements Figure {
  private static final String NAME = "takeover";
  private static final int LOSSES = 3;
  private static final Duration LEARNING = Duration.ofSeconds(4);

  @Override
  public List<String> names() {
    return List.of(NAME, NAME + "-afresh");
  }

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException, InterruptedException {
    double[] standby = new double[LOSSES];
    double[] afresh = new double[LOSSES];
    try (Stage stage = Stage.open()) {
      stage.create(BigModel.NAME);
      Server learner = stage.server("instance-0", BigModel.ENTRY, false);
      learner.awaitReady();
      Predictions predictions = stage.predictions(BigModel.NAME);
      try (RowProducer rows = stage.producer(BigModel.NAME + ".requests");
          var _ = new Feeder(rows, BigModel.FEATURES, BigModel.ROWS)) {
        for (int loss = 0; loss < 2 * LOSSES; loss++) {
          bench
              .bar()
              .show(loss / (2.0 * LOSSES), NAME + ", " + loss + " of " + 2 * LOSSES + " losses");
          String name = "instance-" + (loss + 1);
          boolean standing = loss % 2 == 0;
          Server next = standing ? stage.server(name, BigModel.ENTRY, false) : null;
          if (next != null) {
            next.awaitReady();
          }
          learner.awaitReady();
          learner.awaitCheckpoint(BigModel.NAME);
          Idle.spend(LEARNING);
          long lostMillis = System.currentTimeMillis();
          long lost = System.nanoTime();
          learner.process().kill();
          learner = next == null ? stage.server(name, BigModel.ENTRY, false) : next;
          predictions.awaitFrom(lostMillis, learner);
          (standing ? standby : afresh)[loss / 2] = (System.nanoTime() - lost) * 1e-9;
        }
      }
    }
    return List.of(
        row(NAME, standby, "by an instance that stood by"),
        row(NAME + "-afresh", afresh, "by an instance that is started then, with an empty folder"));
  }

  private static BenchResult row(String name, double[] seconds, String how) {
    var samples = new Samples(seconds);
    return BenchResult.of(
        name,
        "s",
        samples.median(),
        String.format(
            Locale.ROOT,
            "SIGKILL, for good, to the first newly learned event %s; median of %d, worst %.1f s;"
                + " %,d parameters, %.0f rows/s, a checkpoint every %d s",
            how,
            seconds.length,
            samples.quantile(1),
            BigModel.PARAMETERS,
            BigModel.ROWS,
            BigModel.CHECKPOINT_SECONDS));
  }
}
