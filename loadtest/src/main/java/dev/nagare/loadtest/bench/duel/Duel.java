package dev.nagare.loadtest.bench.duel;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.Figure;
import dev.nagare.loadtest.bench.Idle;
import dev.nagare.loadtest.bench.MachineFacts;
import dev.nagare.loadtest.bench.Samples;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;

/**
 * A time of ours against that of a peer: each side in a JVM of its own, first the outputs, then
 * blocks in turn, each after a pause in which both are idle.
 *
 * <p>All settings of the peer are tried in the warm-up; the quickest one stays.
 *
 * @param name of the figure
 * @param ours our side
 * @param peers the peer's settings
 * @param agreement of the first outputs of both sides
 * @param warmUpSteps steps before the first block, for each side
 * @param blockSteps steps in a block
 * @param units of work in a step; times are of one unit
 * @param tail whether the slowest steps are a row too
 */
public record Duel(
    String name,
    Side ours,
    List<Side> peers,
    Agreement agreement,
    int warmUpSteps,
    int blockSteps,
    int units,
    boolean tail)
    implements Figure {

  /** One unit of work in a step, and no row for the slowest. */
  public Duel(
      String name,
      Side ours,
      List<Side> peers,
      Agreement agreement,
      int warmUpSteps,
      int blockSteps) {
    this(name, ours, peers, agreement, warmUpSteps, blockSteps, 1, false);
  }

  /** Parts of a run whose slowest steps are compared: a p99 of all steps would be one event's. */
  private static final int ROUNDS = 10;

  private static final double SLOW = 0.99;
  private static final Duration IDLE = Duration.ofMillis(100);

  @Override
  public List<String> names() {
    return tail ? List.of(name, name + "-p99") : List.of(name);
  }

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException, InterruptedException {
    return run(
        bench.pairs(),
        (done, all) ->
            bench.bar().show((double) done / all, name + ", " + done + " of " + all + " pairs"));
  }

  /**
   * Runs it.
   *
   * @param pairs of blocks, 30 or more for a figure that counts
   * @param progress told the pairs done and the pairs in all
   * @throws IOException if a side fails or the outputs differ
   */
  public List<BenchResult> run(int pairs, BiConsumer<Integer, Integer> progress)
      throws IOException, InterruptedException {
    try (SideProcess our = new SideProcess(ours)) {
      List<float[]> expected = our.outputs(agreement.steps());
      our.block(warmUpSteps);
      Warm quickest = quickest(expected);
      try (SideProcess peer = quickest.process) {
        double[][] mine = new double[pairs][];
        double[][] theirs = new double[pairs][];
        for (int pair = 0; pair < pairs; pair++) {
          // Who goes first alternates too: neither always inherits the other's caches.
          boolean first = pair % 2 == 0;
          double[] a = block(first ? our : peer);
          double[] b = block(first ? peer : our);
          mine[pair] = first ? a : b;
          theirs[pair] = first ? b : a;
          progress.accept(pair + 1, pairs);
        }
        BenchResult middle = middle(our, quickest, mine, theirs);
        return tail ? List.of(middle, slowest(our, peer, mine, theirs)) : List.of(middle);
      }
    }
  }

  /** The medians, and the median of the pairs' ratios. */
  private BenchResult middle(SideProcess our, Warm peer, double[][] mine, double[][] theirs)
      throws IOException {
    double[] ratios = new double[mine.length];
    for (int pair = 0; pair < ratios.length; pair++) {
      ratios[pair] = new Samples(theirs[pair]).median() / new Samples(mine[pair]).median();
    }
    Samples ourTimes = all(mine, 0, mine.length);
    Samples peerTimes = all(theirs, 0, theirs.length);
    String note =
        String.format(
            Locale.ROOT,
            "%s; p99 %.2f us against %.2f us; %d pairs of %d steps; %s%s",
            our.description(),
            ourTimes.quantile(SLOW) * 1e6,
            peerTimes.quantile(SLOW) * 1e6,
            mine.length,
            blockSteps,
            agreement.steps() == 0 ? "" : agreement.sentence(peer.error) + "; ",
            MachineFacts.line());
    return result(
        name, peer.process, ourTimes.median(), peerTimes.median(), new Samples(ratios), note);
  }

  /** The median over the rounds of each round's p99, and that of the rounds' ratios. */
  private BenchResult slowest(SideProcess our, SideProcess peer, double[][] mine, double[][] theirs)
      throws IOException {
    int rounds = Math.min(ROUNDS, mine.length);
    double[] ourTails = new double[rounds];
    double[] peerTails = new double[rounds];
    double[] ratios = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      int from = round * mine.length / rounds;
      int to = (round + 1) * mine.length / rounds;
      ourTails[round] = all(mine, from, to).quantile(SLOW);
      peerTails[round] = all(theirs, from, to).quantile(SLOW);
      ratios[round] = peerTails[round] / ourTails[round];
    }
    String note =
        String.format(
            Locale.ROOT,
            "%s; median of %d rounds of about %d steps each; %s",
            our.description(),
            rounds,
            mine.length / rounds * blockSteps,
            MachineFacts.line());
    return result(
        name + "-p99",
        peer,
        new Samples(ourTails).median(),
        new Samples(peerTails).median(),
        new Samples(ratios),
        note);
  }

  private static BenchResult result(
      String row, SideProcess peer, double ours, double theirs, Samples ratio, String note)
      throws IOException {
    return new BenchResult(
        row,
        "s",
        ours,
        theirs,
        peer.description(),
        ratio.median(),
        ratio.low(),
        ratio.high(),
        note);
  }

  private static Samples all(double[][] blocks, int from, int to) {
    return new Samples(Arrays.stream(blocks, from, to).flatMapToDouble(Arrays::stream).toArray());
  }

  private double[] block(SideProcess side) throws IOException, InterruptedException {
    Idle.spend(IDLE); // both sides idle: the block before must not warm or throttle this
    double[] times = side.block(blockSteps);
    for (int i = 0; i < times.length; i++) {
      times[i] /= units;
    }
    return times;
  }

  /** A setting of the peer once it is warm. */
  private record Warm(SideProcess process, double error, double median) {}

  @SuppressWarnings("MustBeClosedChecker")
  private Warm quickest(List<float[]> expected) throws IOException, InterruptedException {
    Warm best = null;
    for (Side setting : peers) {
      Warm candidate = warm(new SideProcess(setting), setting, expected);
      Warm loser = best;
      if (best == null || candidate.median < best.median) {
        best = candidate;
      } else {
        loser = candidate;
      }
      if (loser != null) {
        loser.process.close();
      }
    }
    if (best == null) {
      throw new IllegalArgumentException(name + ": expected at least one setting of the peer");
    }
    return best;
  }

  private Warm warm(SideProcess candidate, Side setting, List<float[]> expected)
      throws IOException, InterruptedException {
    try {
      double error = error(setting, expected, candidate.outputs(agreement.steps()));
      candidate.block(warmUpSteps);
      return new Warm(candidate, error, new Samples(block(candidate)).median());
    } catch (IOException | InterruptedException e) {
      candidate.close();
      throw e;
    }
  }

  /** The largest error of a step. */
  private double error(Side setting, List<float[]> expected, List<float[]> got) throws IOException {
    double largest = 0;
    for (int i = 0; i < agreement.steps(); i++) {
      double found = agreement.error().applyAsDouble(expected.get(i), got.get(i));
      if (!agreement.allows(found)) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s: step %d of %s and %s: %s, more than %.2g: no time counts",
                name,
                i + 1,
                ours,
                setting,
                agreement.sentence(found),
                agreement.most()));
      }
      largest = Math.max(largest, found);
    }
    return largest;
  }
}
