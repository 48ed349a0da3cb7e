package dev.nagare.loadtest.bench;

import java.io.IOException;
import java.time.Duration;
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
 * @param agreeing results compared at the start, of steps from the same weights
 * @param tolerance largest difference between them
 * @param warmUpSteps steps before the first block, for each side
 * @param blockSteps steps in a block
 */
record Duel(
    String name,
    Side ours,
    List<Side> peers,
    int agreeing,
    double tolerance,
    int warmUpSteps,
    int blockSteps)
    implements Figure {
  private static final Duration IDLE = Duration.ofMillis(100);

  @Override
  public List<String> names() {
    return List.of(name);
  }

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException, InterruptedException {
    return List.of(
        run(
            bench.pairs(),
            (done, all) ->
                bench
                    .bar()
                    .show((double) done / all, name + ", " + done + " of " + all + " pairs")));
  }

  /**
   * Runs it.
   *
   * @param pairs of blocks, 30 or more for a figure that counts
   * @param progress told the pairs done and the pairs in all
   * @throws IOException if a side fails or the outputs differ
   */
  BenchResult run(int pairs, BiConsumer<Integer, Integer> progress)
      throws IOException, InterruptedException {
    try (SideProcess our = new SideProcess(ours)) {
      double[] expected = our.values(agreeing);
      our.block(warmUpSteps);
      try (SideProcess peer = quickest(expected)) {
        double[] ratios = new double[pairs];
        double[] ourTimes = new double[pairs * blockSteps];
        double[] peerTimes = new double[pairs * blockSteps];
        for (int pair = 0; pair < pairs; pair++) {
          // Who goes first alternates too: neither always inherits the other's caches.
          boolean first = pair % 2 == 0;
          double[] a = block(first ? our : peer);
          double[] b = block(first ? peer : our);
          double[] mine = first ? a : b;
          double[] theirs = first ? b : a;
          System.arraycopy(mine, 0, ourTimes, pair * blockSteps, blockSteps);
          System.arraycopy(theirs, 0, peerTimes, pair * blockSteps, blockSteps);
          ratios[pair] = new Samples(theirs).median() / new Samples(mine).median();
          progress.accept(pair + 1, pairs);
        }
        return result(our, peer, new Samples(ourTimes), new Samples(peerTimes), ratios);
      }
    }
  }

  private BenchResult result(
      SideProcess our, SideProcess peer, Samples mine, Samples theirs, double[] pairRatios)
      throws IOException {
    var ratio = new Samples(pairRatios);
    return new BenchResult(
        name,
        "s",
        mine.median(),
        theirs.median(),
        peer.description(),
        ratio.median(),
        ratio.low(),
        ratio.high(),
        String.format(
            Locale.ROOT,
            "%s; p99 %.1f us against %.1f us; %d pairs of %d steps; %s",
            our.description(),
            mine.quantile(0.99) * 1e6,
            theirs.quantile(0.99) * 1e6,
            pairRatios.length,
            blockSteps,
            MachineFacts.line()));
  }

  private double[] block(SideProcess side) throws IOException, InterruptedException {
    Idle.spend(IDLE); // both sides idle: the block before must not warm or throttle this
    return side.block(blockSteps);
  }

  @SuppressWarnings("MustBeClosedChecker")
  private SideProcess quickest(double[] expected) throws IOException, InterruptedException {
    SideProcess best = null;
    double bestMedian = Double.POSITIVE_INFINITY;
    for (Side setting : peers) {
      SideProcess candidate = new SideProcess(setting);
      double median = warm(candidate, setting, expected);
      SideProcess loser = best;
      if (median < bestMedian) {
        bestMedian = median;
        best = candidate;
      } else {
        loser = candidate;
      }
      if (loser != null) {
        loser.close();
      }
    }
    if (best == null) {
      throw new IllegalArgumentException(name + ": expected at least one setting of the peer");
    }
    return best;
  }

  private double warm(SideProcess candidate, Side setting, double[] expected)
      throws IOException, InterruptedException {
    try {
      requireAgreement(setting, expected, candidate.values(agreeing));
      candidate.block(warmUpSteps);
      return new Samples(block(candidate)).median();
    } catch (IOException | InterruptedException e) {
      candidate.close();
      throw e;
    }
  }

  private void requireAgreement(Side setting, double[] expected, double[] got) throws IOException {
    for (int i = 0; i < agreeing; i++) {
      if (!(Math.abs(expected[i] - got[i]) <= tolerance)) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s: step %d gives %.6f with %s and %.6f with %s: no time counts",
                name,
                i + 1,
                expected[i],
                ours,
                got[i],
                setting));
      }
    }
  }
}
