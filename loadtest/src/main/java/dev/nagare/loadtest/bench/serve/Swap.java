package dev.nagare.loadtest.bench.serve;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.Figure;
import dev.nagare.loadtest.bench.Idle;
import dev.nagare.loadtest.bench.MachineFacts;
import dev.nagare.loadtest.bench.Samples;
import dev.nagare.loadtest.bench.serve.wire.Aside;
import dev.nagare.loadtest.bench.serve.wire.Generator;
import dev.nagare.loadtest.bench.serve.wire.Tally;
import dev.nagare.loadtest.bench.serve.wire.Transport;
import dev.nagare.loadtest.onnx.DigitsModel;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a new version costs those who ask: blocks of five seconds at half of what the server can do,
 * in turn with a new version loaded in the middle, and without.
 */
record Swap() implements Figure {
  private static final String NAME = "swap";
  private static final String MODEL = "digits";
  private static final int PAIRS = 20;
  private static final int CONNECTIONS = 64;
  private static final Duration BLOCK = Duration.ofSeconds(5);
  private static final Duration IDLE = Duration.ofMillis(100);

  /** A machine whose speed changes: what it can do is measured before each pair. */
  private static final Duration MEASURED = Duration.ofSeconds(1);

  @Override
  public List<String> names() {
    return List.of(NAME, NAME + "-load");
  }

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException, InterruptedException {
    try (ServeStage stage = ServeStage.open()) {
      bench.bar().show(0, NAME + ", what the server can do");
      ModelFolder models = stage.models("models").add(MODEL, 1, DigitsModel::write);
      Subject ours = stage.server("ours", models, "");
      Tensor image = Tensor.floats("image", 1, 1, 28, 28);
      var calls = List.of(Dialect.BINARY.ask(ours.port(), MODEL, List.of(image), ""));
      try (var load = new Generator(ours.port(), Transport.http(CONNECTIONS), calls)) {
        load.answers();
        load.takeAnyLength();
        Saturation most = Saturation.warm(load, ours, CONNECTIONS);
        if (!most.counts()) {
          return missing(most.voidBecause("the server"));
        }
        Aside order =
            load.aside(
                Dialect.post(
                    ours.port(), "/v2/repository/models/" + MODEL + "/load", "", new byte[0]));
        return new Run(models, load, order, ours).measure(bench, most);
      }
    }
  }

  private static List<BenchResult> missing(String why) {
    return List.of(
        BenchResult.missing(NAME, "s", why), BenchResult.missing(NAME + "-load", "s", why));
  }

  /** The blocks. */
  private static final class Run {
    private final ModelFolder models;
    private final Generator load;
    private final Aside order;
    private final Subject server;
    private final double[] rates = new double[PAIRS];
    private final Lag lag = new Lag();
    private final double[] loading = new double[PAIRS];
    private int version = 1;
    private long answered;
    private long wanting;

    Run(ModelFolder models, Generator load, Aside order, Subject server) {
      this.models = models;
      this.load = load;
      this.order = order;
      this.server = server;
    }

    List<BenchResult> measure(Bench bench, Saturation most)
        throws IOException, InterruptedException {
      var p99 = new Pairs(PAIRS);
      while (!p99.full()) {
        int pair = p99.count();
        boolean swapFirst = pair % 2 == 0;
        rates[pair] = Saturation.of(load, server, CONNECTIONS, MEASURED).rate() / 2;
        double first = block(rates[pair], swapFirst);
        double second = block(rates[pair], !swapFirst);
        loading[pair] = order.seconds();
        if (lag.spoils(PAIRS)) {
          return missing("void: " + lag.words());
        }
        if (!Double.isNaN(first + second)) {
          p99.add(swapFirst ? first : second, swapFirst ? second : first);
        }
        bench.bar().show(p99.share(), NAME + ", " + p99.count() + " of " + PAIRS + " pairs");
      }
      String note =
          String.format(
              Locale.ROOT,
              "p99 with a new version in the middle of each block over none: here a ratio below 1"
                  + " is better; digits, %d pairs of blocks of %d s at %,.0f to %,.0f requests/s,"
                  + " half of what it could do just before, up to %s;"
                  + " %,d answers, %,d that were none; %s; server on core 0, load on core 1; %s",
              PAIRS,
              BLOCK.toSeconds(),
              Arrays.stream(rates).min().orElse(0),
              Arrays.stream(rates).max().orElse(0),
              most.words(),
              answered,
              wanting,
              lag.words(),
              MachineFacts.line());
      Samples ratio = p99.oursOverTheirs();
      return List.of(
          new BenchResult(
              NAME,
              "s",
              p99.ours().median(),
              p99.peers().median(),
              "the same without new versions",
              ratio.median(),
              ratio.low(),
              ratio.high(),
              note),
          BenchResult.of(
              NAME + "-load",
              "s",
              new Samples(loading).median(),
              "from the order to load until it is answered, the new version answering"));
    }

    /** The block's p99; NaN if it is void. */
    private double block(double rate, boolean swap) throws IOException, InterruptedException {
      if (swap) {
        int next = ++version;
        models.add(MODEL, next, file -> DigitsModel.write(file, next));
      }
      Idle.spend(IDLE);
      Tally tally = load.open(rate, BLOCK, null, swap ? order : null);
      if (swap && order.status() != 200) {
        throw new IOException(
            "version " + version + ": expected it to be loaded with 200, got " + order.status());
      }
      answered += tally.answered();
      wanting += tally.failed() + tally.refused() + tally.late();
      return lag.allows(tally) ? tally.latency(0.99) : Double.NaN;
    }
  }
}
