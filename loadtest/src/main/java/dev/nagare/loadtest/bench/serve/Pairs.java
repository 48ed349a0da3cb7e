package dev.nagare.loadtest.bench.serve;

import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.Samples;

/** Values of two sides, measured in turn. */
final class Pairs {
  private final double[] ours;
  private final double[] peers;
  private int count;

  /** Of that many pairs. */
  Pairs(int pairs) {
    ours = new double[pairs];
    peers = new double[pairs];
  }

  void add(double our, double their) {
    ours[count] = our;
    peers[count] = their;
    count++;
  }

  boolean full() {
    return count == ours.length;
  }

  int count() {
    return count;
  }

  /** How much of it is done. */
  double share() {
    return (double) count / ours.length;
  }

  /** Our values. */
  Samples ours() {
    return new Samples(ours);
  }

  /** The other side's values. */
  Samples peers() {
    return new Samples(peers);
  }

  /** Their value over ours, pair by pair: more than 1 is better for times. */
  Samples theirsOverOurs() {
    double[] ratios = new double[ours.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = peers[i] / ours[i];
    }
    return new Samples(ratios);
  }

  /** Our value over theirs, pair by pair: more than 1 is better for rates. */
  Samples oursOverTheirs() {
    double[] ratios = new double[ours.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = ours[i] / peers[i];
    }
    return new Samples(ratios);
  }

  /** A row of times. */
  BenchResult times(String name, String peer, String note) {
    return row(name, "s", peer, theirsOverOurs(), note);
  }

  /** A row of rates. */
  BenchResult rates(String name, String peer, String note) {
    return row(name, "1/s", peer, oursOverTheirs(), note);
  }

  private BenchResult row(String name, String unit, String peer, Samples ratio, String note) {
    return new BenchResult(
        name,
        unit,
        ours().median(),
        peers().median(),
        peer,
        ratio.median(),
        ratio.low(),
        ratio.high(),
        note);
  }
}
