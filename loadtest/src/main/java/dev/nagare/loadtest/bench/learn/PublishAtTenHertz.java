package dev.nagare.loadtest.bench.learn;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.Figure;
import dev.nagare.loadtest.bench.Idle;
import dev.nagare.loadtest.bench.Samples;
import dev.nagare.loadtest.load.LoadPlan;
import dev.nagare.loadtest.load.LoadReport;
import dev.nagare.loadtest.load.OpenLoop;
import dev.nagare.loadtest.load.Target;
import dev.nagare.loadtest.process.Cores;
import dev.nagare.loadtest.process.Server;
import dev.nagare.streaming.kafka.RowProducer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * The figure {@code publish-10hz}: what publications cost those who ask.
 *
 * <p>One server has the same model twice; both learn the same rows at the same rate while they are
 * asked, but one publishes ten times a second and the other never. Blocks of load go to the one and
 * the other in turn, each at half of what the server can answer while it learns; in a block only
 * its own model learns. The order within a pair alternates.
 */
final class PublishAtTenHertz implements Figure {
  private static final String NAME = "publish-10hz";
  private static final String OFTEN = "often";
  private static final String NEVER = "never";
  private static final String ALWAYS = "always";
  private static final int PAIRS = 20;
  private static final int FEATURES = 4;
  private static final double ROWS = 100;

  /** A version per row: enough meetings for a 99.9th percentile. */
  private static final double VERSIONS = 500;

  private static final Duration MEETINGS = Duration.ofSeconds(30);
  private static final int CONNECTIONS = 16;
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final Duration SETTLING = Duration.ofMillis(500);
  private static final Duration BLOCK = Duration.ofSeconds(3);
  private static final Duration IDLE = Duration.ofMillis(100);
  private static final double BEYOND = 100_000;
  private static final String STALL = "nagare_publication_stall_seconds";

  @Override
  public List<String> names() {
    return List.of(NAME, NAME + "-stall");
  }

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException, InterruptedException {
    try (Stage stage = Stage.open()) {
      stage.create(OFTEN);
      stage.create(NEVER);
      stage.create(ALWAYS);
      stage.moveToCoreOfBroker();
      Server server =
          stage.server(
              "server",
              entry(OFTEN, (int) ROWS / 10) + entry(NEVER, Integer.MAX_VALUE) + entry(ALWAYS, 1),
              true);
      server.awaitReady();
      try (RowProducer often = stage.producer(OFTEN + ".requests");
          RowProducer never = stage.producer(NEVER + ".requests");
          RowProducer always = stage.producer(ALWAYS + ".requests")) {
        var arms =
            new Arm[] {new Arm(server, OFTEN, often, ROWS), new Arm(server, NEVER, never, ROWS)};
        double rate = saturation(arms, bench) / 2;
        BenchResult ratio = compare(arms, rate, bench);
        return List.of(
            ratio, stall(server, new Arm(server, ALWAYS, always, VERSIONS), rate, bench));
      }
    }
  }

  private static double saturation(Arm[] arms, Bench bench)
      throws IOException, InterruptedException {
    double most = 0;
    for (int round = 0; round < 3; round++) {
      for (Arm arm : arms) {
        bench.bar().show(0, NAME + ", what the server can answer");
        most = Math.max(most, arm.load(BEYOND, BLOCK).achievedRate());
      }
    }
    return most;
  }

  private static BenchResult compare(Arm[] arms, double rate, Bench bench)
      throws IOException, InterruptedException {
    double[] often = new double[PAIRS];
    double[] never = new double[PAIRS];
    double[] ratios = new double[PAIRS];
    for (int pair = 0; pair < PAIRS; pair++) {
      for (int turn = 0; turn < 2; turn++) {
        Arm arm = arms[(pair + turn) % 2];
        Idle.spend(IDLE);
        (arm == arms[0] ? often : never)[pair] = arm.p99(rate);
      }
      ratios[pair] = often[pair] / never[pair];
      bench.bar().show((pair + 1.0) / PAIRS, NAME + ", " + (pair + 1) + " of " + PAIRS + " pairs");
    }
    var ratio = new Samples(ratios);
    return new BenchResult(
        NAME,
        "s",
        new Samples(often).median(),
        new Samples(never).median(),
        "the same without publications",
        ratio.median(),
        ratio.low(),
        ratio.high(),
        String.format(
            Locale.ROOT,
            "p99 of scoring by HTTP with 10 publications a second over none: here a ratio below 1"
                + " is better; %d pairs of blocks of %d s at %,.0f requests/s, half of saturation;"
                + " both arms learn %.0f rows/s (window 32, hidden 64); %s",
            PAIRS,
            BLOCK.toSeconds(),
            rate,
            ROWS,
            Cores.canPin()
                ? "the server has core 0, load and broker core 1"
                : "server, load and broker share all cores"));
  }

  private static BenchResult stall(Server server, Arm arm, double rate, Bench bench)
      throws IOException, InterruptedException {
    bench.bar().show(1, NAME + ", meetings of lanes and versions");
    arm.load(rate, SETTLING);
    StallHistogram before = StallHistogram.of(server.metrics(), STALL, ALWAYS);
    arm.load(rate, MEETINGS);
    StallHistogram stalls = StallHistogram.of(server.metrics(), STALL, ALWAYS).since(before);
    return BenchResult.of(
        NAME + "-stall",
        "s",
        stalls.quantile(0.999),
        String.format(
            Locale.ROOT,
            "p99.9 of what a new version costs the lane that meets it, taking its lease and giving"
                + " it back: at most this; %,d meetings at %.0f versions/s and %,.0f requests/s;"
                + " median at most %.2f us, longest at most %.0f us",
            stalls.count(),
            VERSIONS,
            rate,
            stalls.quantile(0.5) * 1e6,
            stalls.quantile(1) * 1e6));
  }

  private static String entry(String model, int publishEvery) {
    return """
          - name: %s
            format: csv
            columns: [a, b, c, d]
            features: [a, b, c, d]
            publish-every-steps: %d
            checkpoint-interval-seconds: 3600
            learner: {window: 32, hidden: 64}
        """
        .formatted(model, publishEvery);
  }

  /** One of the two models, asked while it learns. */
  private static final class Arm {
    private final RowProducer rows;
    private final double rowsPerSecond;
    private final Target target;

    Arm(Server server, String model, RowProducer rows, double rowsPerSecond)
        throws IOException, InterruptedException {
      this.rows = rows;
      this.rowsPerSecond = rowsPerSecond;
      this.target = Target.of(server.uri(), model, 1, TIMEOUT);
    }

    double p99(double rate) throws IOException, InterruptedException {
      try (var _ = new Feeder(rows, FEATURES, rowsPerSecond)) {
        LoadReport report = run(rate, SETTLING, BLOCK);
        if (!report.clean()) {
          throw new IOException("not all requests were answered: " + report.outcomes());
        }
        return Objects.requireNonNull(report.latencyMillis().get("p99")) / 1e3;
      }
    }

    LoadReport load(double rate, Duration length) throws InterruptedException {
      try (var _ = new Feeder(rows, FEATURES, rowsPerSecond)) {
        return run(rate, Duration.ZERO, length);
      }
    }

    private LoadReport run(double rate, Duration warmUp, Duration length)
        throws InterruptedException {
      var plan = new LoadPlan(rate, warmUp, length, CONNECTIONS, TIMEOUT);
      return new OpenLoop(plan, target::request).run(taken -> {});
    }
  }
}
