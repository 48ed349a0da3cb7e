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
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/**
 * The figure {@code recover}: from SIGKILL to the first prediction of the same instance, started
 * again at once, that no predecessor had written. What lies between the last checkpoint and the
 * kill is learned again before.
 */
final class Recover implements Figure {
  private static final String NAME = "recover";
  private static final int KILLS = 7;

  @Override
  public List<String> names() {
    return List.of(NAME, NAME + "-worst");
  }

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException, InterruptedException {
    double[] answering = new double[KILLS];
    double[] resumed = new double[KILLS];
    double[] seconds = new double[KILLS];
    try (Stage stage = Stage.open()) {
      stage.create(BigModel.NAME);
      Server server = stage.server("one", BigModel.ENTRY, false);
      server.awaitReady();
      Predictions predictions = stage.predictions(BigModel.NAME);
      try (RowProducer rows = stage.producer(BigModel.NAME + ".requests");
          var _ = new Feeder(rows, BigModel.FEATURES, BigModel.ROWS)) {
        predictions.awaitFrom(0, server);
        for (int kill = 0; kill < KILLS; kill++) {
          bench.bar().show((double) kill / KILLS, NAME + ", " + kill + " of " + KILLS + " kills");
          // Spread over the time between two checkpoints: what is to be learned again differs.
          double phase = (double) BigModel.CHECKPOINT_SECONDS * kill / KILLS;
          server.awaitReady();
          server.awaitCheckpoint(BigModel.NAME);
          Idle.spend(Duration.ofMillis((long) (1e3 * phase)));
          long killedMillis = System.currentTimeMillis();
          long killed = System.nanoTime();
          server.process().kill();
          server = stage.server("one", BigModel.ENTRY, false);
          predictions.awaitFrom(killedMillis, server);
          seconds[kill] = (System.nanoTime() - killed) * 1e-9;
          server.awaitReady(); // the learner may learn before the doors' kernels are warm
          String log = server.process().output();
          answering[kill] = secondsTo(" answers at ", log, killedMillis);
          resumed[kill] = secondsTo(" resumed ", log, killedMillis);
        }
      }
    }
    var samples = new Samples(seconds);
    String note =
        String.format(
            Locale.ROOT,
            "SIGKILL to the first newly learned event, %,d parameters, %.0f rows/s, a checkpoint"
                + " every %d s, %d kills spread over that time; medians: warm and answering after"
                + " %.1f s, fenced and loaded after %.1f s, the rest is learned again",
            BigModel.PARAMETERS,
            BigModel.ROWS,
            BigModel.CHECKPOINT_SECONDS,
            KILLS,
            new Samples(answering).median(),
            new Samples(resumed).median());
    return List.of(
        BenchResult.of(NAME, "s", samples.median(), "median; " + note),
        BenchResult.of(NAME + "-worst", "s", samples.quantile(1), "worst; " + note));
  }

  /** Seconds from a moment to the line of a log that says something. */
  private static double secondsTo(String mark, String log, long fromMillis) throws IOException {
    String line =
        log.lines()
            .filter(candidate -> candidate.contains(mark))
            .findFirst()
            .orElseThrow(() -> new IOException("the server's log does not say" + mark));
    LocalTime then = LocalTime.parse(line.substring(0, line.indexOf(' ')));
    LocalTime from = LocalTime.ofInstant(Instant.ofEpochMilli(fromMillis), ZoneId.systemDefault());
    long millis = from.until(then, ChronoUnit.MILLIS);
    return Math.floorMod(millis, Duration.ofDays(1).toMillis()) / 1e3; // past midnight too
  }
}
