package dev.nagare.loadtest.bench.serve;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.Figure;
import dev.nagare.loadtest.bench.MachineFacts;
import dev.nagare.loadtest.bench.Samples;
import dev.nagare.loadtest.process.Cores;
import dev.nagare.server.cli.CommandException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * What exactly-once costs over at-least-once: topics that are full are drained in turn by two
 * servers that differ in {@code kafka.delivery} and in nothing else; then records come at half of
 * that rate.
 *
 * @param task that comes by topic
 */
record DeliveryPrice(LogTask task) implements Figure {
  private static final int PAIRS = 10;
  private static final int PACED_PAIRS = 8;
  private static final int WARM_UPS = 4;
  private static final int WARM_RECORDS = 20_000;
  private static final double DRAIN_SECONDS = 2.5;
  private static final Duration PACED = Duration.ofSeconds(3);
  private static final String OURS = "exactly-once";
  private static final String PEER = "at-least-once";

  @Override
  public List<String> names() {
    return List.of(task.name(), added());
  }

  private String added() {
    return task.name() + "-added";
  }

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException, InterruptedException {
    if (!Cores.canPin()) {
      return missing(
          "not measured: expected two processors and /usr/bin/taskset, to give server and broker a"
              + " core each");
    }
    LogStage stage;
    try {
      stage = LogStage.open();
    } catch (CommandException e) {
      return missing("not measured: " + e.getMessage());
    }
    try (stage) {
      bench.bar().show(0, task.name() + ", two servers");
      LogSide ours = stage.side(task, OURS);
      LogSide peer = stage.side(task, PEER);
      bench.bar().show(0, task.name() + ", warming up");
      double rate = Math.max(warm(ours), warm(peer));
      int records = (int) Math.clamp(rate * DRAIN_SECONDS, 1000, task.most());
      return new Run(ours, peer, records).measure(bench);
    }
  }

  private List<BenchResult> missing(String why) {
    return List.of(
        BenchResult.missing(task.name(), "1/s", why), BenchResult.missing(added(), "s", why));
  }

  private static double warm(LogSide side) throws IOException, InterruptedException {
    double rate = 0;
    for (int i = 0; i < WARM_UPS; i++) {
      rate = side.drain(WARM_RECORDS).rate();
    }
    return rate;
  }

  /** The blocks. */
  private final class Run {
    private final LogSide ours;
    private final LogSide peer;
    private final int records;

    Run(LogSide ours, LogSide peer, int records) {
      this.ours = ours;
      this.peer = peer;
      this.records = records;
    }

    /** A measurement of one side. */
    @FunctionalInterface
    private interface Measured {
      LogSide.Block of(LogSide side) throws IOException, InterruptedException;
    }

    /** Blocks of both sides, by pair. */
    private record Both(List<LogSide.Block> ours, List<LogSide.Block> peers) {}

    private Both pairs(int count, String what, Bench bench, Measured measured)
        throws IOException, InterruptedException {
      var both = new Both(new ArrayList<>(), new ArrayList<>());
      for (int pair = 0; pair < count; pair++) {
        bench.bar().show((double) pair / count, task.name() + ", " + what);
        for (int turn = 0; turn < 2; turn++) {
          boolean our = (pair + turn) % 2 == 0;
          (our ? both.ours() : both.peers()).add(measured.of(our ? ours : peer));
        }
      }
      return both;
    }

    List<BenchResult> measure(Bench bench) throws IOException, InterruptedException {
      Both drains = pairs(PAIRS, "drains", bench, side -> side.drain(records));
      var rates = new Pairs(PAIRS);
      for (int i = 0; i < PAIRS; i++) {
        rates.add(drains.ours().get(i).rate(), drains.peers().get(i).rate());
      }
      double half = rates.ours().median() / 2;
      Both paced = pairs(PACED_PAIRS, "half of that", bench, side -> side.paced(half, PACED));
      double[] added = new double[PACED_PAIRS];
      for (int i = 0; i < PACED_PAIRS; i++) {
        added[i] = paced.ours().get(i).latency() - paced.peers().get(i).latency();
      }
      var times = new Samples(added);
      return List.of(
          rates.rates(
              task.name(),
              "the same server with kafka.delivery: at-least-once, offsets every second",
              String.format(
                  Locale.ROOT,
                  "%s; %,d records waiting, %d pairs, until a reader of committed records has all"
                      + " outputs; %s; server with %.0f %% of core 0, the peer with %.0f %%, broker"
                      + " and load on core 1; %s",
                  task.words(),
                  records,
                  PAIRS,
                  transactions(drains.ours()),
                  100 * cores(drains.ours()),
                  100 * cores(drains.peers()),
                  MachineFacts.line())),
          BenchResult.of(
              added(),
              "s",
              times.median(),
              String.format(
                  Locale.ROOT,
                  "p50 of exactly-once less that of at-least-once, %.2f ms and %.2f ms, from the"
                      + " moment a record is due until a reader of committed records has its output;"
                      + " %,.0f records/s at random moments, half of what exactly-once drains; %s;"
                      + " median of %d pairs of blocks of %d s, %.2f to %.2f ms; lag of the load p99"
                      + " %.2f ms in the median block, on the broker's core",
                  1e3 * latency(paced.ours()),
                  1e3 * latency(paced.peers()),
                  half,
                  transactions(paced.ours()),
                  PACED_PAIRS,
                  PACED.toSeconds(),
                  1e3 * times.quantile(0),
                  1e3 * times.quantile(1),
                  1e3 * of(paced.ours(), LogSide.Block::lag))));
    }
  }

  private static String transactions(List<LogSide.Block> blocks) {
    return String.format(
        Locale.ROOT,
        "commit interval: one transaction after the other, every %.1f ms with %,.0f records",
        1e3 * of(blocks, block -> block.seconds() / Math.max(1, block.transactions())),
        of(blocks, block -> (double) block.records() / Math.max(1, block.transactions())));
  }

  private static double cores(List<LogSide.Block> blocks) {
    return of(blocks, LogSide.Block::cores);
  }

  private static double latency(List<LogSide.Block> blocks) {
    return of(blocks, LogSide.Block::latency);
  }

  private static double of(List<LogSide.Block> blocks, ToDoubleFunction<LogSide.Block> value) {
    return new Samples(blocks.stream().mapToDouble(value).toArray()).median();
  }
}
