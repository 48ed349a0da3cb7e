package dev.nagare.loadtest.bench.serve;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.Figure;
import dev.nagare.loadtest.bench.Idle;
import dev.nagare.loadtest.bench.MachineFacts;
import dev.nagare.loadtest.bench.Samples;
import dev.nagare.loadtest.bench.serve.wire.Generator;
import dev.nagare.loadtest.bench.serve.wire.Tally;
import dev.nagare.loadtest.bench.serve.wire.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What batches give: answers per second of the server as it comes, over those of the same server
 * that runs each request alone, with as many lanes as suit it best. Blocks in turn.
 *
 * <p>The bound comes from {@linkplain BatchCost the server's own cost of a batch}, a·n + b: alone,
 * a request takes 1/rate of the core, of which b is saved by all but one of a batch.
 *
 * @param name of the row
 * @param model of the folder
 * @param writer writes it
 * @param input a row of it
 */
record Batching(String name, String model, ModelFolder.Writer writer, Tensor input)
    implements Figure {
  private static final int CONNECTIONS = 64;
  private static final int UNDER_WAY = 64;
  private static final Duration BLOCK = Duration.ofMillis(1200);
  private static final Duration IDLE = Duration.ofMillis(100);
  private static final double[] LOADS = {0.5, 0.9, 1.2};
  private static final int ROUNDS = 5;
  private static final Duration DEADLINE = Duration.ofMillis(100);

  @Override
  public List<String> names() {
    return List.of(name, name + "-bound", name + "-least");
  }

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException, InterruptedException {
    try (ServeStage stage = ServeStage.open()) {
      ModelFolder models = stage.models("models").add(model, 1, writer);
      Side one = side(stage, models, "one", "compute: {max-batch-rows: 1, lanes: 1}", bench);
      Side two = side(stage, models, "two", "compute: {max-batch-rows: 1, lanes: 2}", bench);
      boolean oneLane = one.most.rate() >= two.most.rate();
      Side alone = oneLane ? one : two;
      (oneLane ? two : one).close();
      Side batched = side(stage, models, "batched", "", bench);
      try (alone;
          batched) {
        if (!alone.most.counts() || !batched.most.counts()) {
          Saturation less = alone.most.counts() ? batched.most : alone.most;
          return missing(less.voidBecause("a server"));
        }
        return measure(batched, alone, oneLane ? 1 : 2, bench);
      }
    }
  }

  private Side side(
      ServeStage stage, ModelFolder models, String server, String settings, Bench bench)
      throws IOException, InterruptedException {
    bench.bar().show(0, name + ", what the server can do (" + server + ")");
    Subject subject = stage.server(server, models, settings);
    var load =
        new Generator(
            subject.port(),
            Transport.http(CONNECTIONS),
            List.of(Dialect.BINARY.ask(subject.port(), model, List.of(input), "")));
    load.answers();
    return new Side(subject, load, Saturation.warm(load, subject, UNDER_WAY));
  }

  /** A server, its load, and what it can do. */
  private record Side(Subject subject, Generator load, Saturation most) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      load.close();
      subject.end();
    }
  }

  private List<BenchResult> measure(Side batched, Side alone, int lanes, Bench bench)
      throws IOException, InterruptedException {
    BatchCost cost = BatchCost.of(batched.subject, model, input);
    var pairs = new Pairs(bench.pairs());
    for (int turn = 0; !pairs.full(); turn++) {
      Side first = turn % 2 == 0 ? batched : alone;
      Side second = turn % 2 == 0 ? alone : batched;
      double a = full(first);
      double b = full(second);
      pairs.add(turn % 2 == 0 ? a : b, turn % 2 == 0 ? b : a);
      bench.bar().show(pairs.share(), name + ", " + pairs.count() + " pairs");
    }
    double single = 1 / pairs.peers().median();
    double bound = cost.bound(single, UNDER_WAY);
    String note =
        String.format(
            Locale.ROOT,
            "%d pairs of %.1f s with %d calls under way; a row in a batch costs %.1f us, a batch"
                + " %.1f us besides; without batches %.1f us of the core per request, so at most"
                + " %.2f x; server on core 0, load on core 1; %s",
            bench.pairs(),
            BLOCK.toMillis() / 1e3,
            UNDER_WAY,
            cost.each() * 1e6,
            cost.fixed() * 1e6,
            single * 1e6,
            bound,
            MachineFacts.line());
    Samples ratios = pairs.oursOverTheirs();
    String peer = "the same server with max-batch-rows 1, lanes " + lanes;
    return List.of(
        pairs.rates(name, peer, note),
        new BenchResult(
            name + "-bound",
            "x",
            ratios.median(),
            bound,
            "the bound from a·n + b",
            ratios.median() / bound,
            ratios.low() / bound,
            ratios.high() / bound,
            "how near it comes"),
        least(batched, alone, bench));
  }

  private double full(Side side) throws IOException, InterruptedException {
    Idle.spend(IDLE);
    Tally tally = side.load.closed(UNDER_WAY, BLOCK);
    side.subject.requireAnswered(tally, name);
    return tally.rate();
  }

  /** The worst of several loads: batches must not cost anybody an answer. */
  private BenchResult least(Side batched, Side alone, Bench bench)
      throws IOException, InterruptedException {
    double worst = Double.MAX_VALUE;
    var lag = new Lag();
    var words = new StringBuilder();
    for (double load : LOADS) {
      bench.bar().show(1, name + " at " + load + " of what it can do without batches");
      double rate = load * alone.most.rate();
      var pairs = new Pairs(ROUNDS);
      while (!pairs.full()) {
        Tally ours = block(batched, rate);
        Tally peers = block(alone, rate);
        boolean oursCount = lag.allows(ours);
        if (lag.allows(peers) && oursCount) {
          pairs.add(inTime(ours), inTime(peers));
        }
        if (lag.spoils(LOADS.length * ROUNDS)) {
          return BenchResult.missing(name + "-least", "x", "void: " + lag.words());
        }
      }
      double ratio = pairs.oursOverTheirs().median();
      worst = Math.min(worst, ratio);
      words.append(String.format(Locale.ROOT, "at %.1f x %.3f; ", load, ratio));
    }
    return BenchResult.of(
        name + "-least",
        "x",
        worst,
        words
            + "answers within "
            + DEADLINE.toMillis()
            + " ms over those without batches, open loop, at loads relative to what the server"
            + " without batches can do; "
            + lag.words());
  }

  private static Tally block(Side side, double rate) throws IOException, InterruptedException {
    Idle.spend(IDLE);
    return side.load.open(rate, BLOCK, DEADLINE);
  }

  private static double inTime(Tally tally) {
    return tally.inTime() / (double) tally.due();
  }

  private List<BenchResult> missing(String why) {
    return names().stream().map(row -> BenchResult.missing(row, "1/s", why)).toList();
  }
}
