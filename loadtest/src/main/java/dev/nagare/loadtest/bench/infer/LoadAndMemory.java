package dev.nagare.loadtest.bench.infer;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.Figure;
import dev.nagare.loadtest.bench.MachineFacts;
import dev.nagare.loadtest.bench.Samples;
import dev.nagare.loadtest.bench.duel.Side;
import dev.nagare.loadtest.bench.duel.SideProcess;
import java.io.IOException;
import java.util.List;

/**
 * The time from a model's file to its first answer in a new JVM whose library is loaded, and the
 * memory in RAM of that JVM some answers later.
 *
 * @param ours our side
 * @param peer the peer
 */
record LoadAndMemory(Side ours, Side peer) implements Figure {
  static final List<String> NAMES = List.of("load", "rss");
  private static final int STEPS = 20;

  @Override
  public List<String> names() {
    return NAMES;
  }

  /** What a JVM of a side was like. */
  private record Life(double seconds, double bytes, String description) {}

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException {
    int pairs = bench.pairs();
    Life[] mine = new Life[pairs];
    Life[] theirs = new Life[pairs];
    for (int pair = 0; pair < pairs; pair++) {
      boolean first = pair % 2 == 0;
      Life a = live(first ? ours : peer);
      Life b = live(first ? peer : ours);
      mine[pair] = first ? a : b;
      theirs[pair] = first ? b : a;
      bench.bar().show((double) (pair + 1) / pairs, "load, " + (pair + 1) + " of " + pairs);
    }
    return List.of(row("load", "s", mine, theirs), row("rss", "bytes", mine, theirs));
  }

  private static Life live(Side side) throws IOException {
    try (SideProcess process = new SideProcess(side)) {
      String description = process.description(); // loads the library
      double seconds = process.block(1)[0];
      process.block(STEPS);
      return new Life(seconds, process.residentBytes(), description);
    }
  }

  private static BenchResult row(String name, String unit, Life[] mine, Life[] theirs)
      throws IOException {
    double[] our = new double[mine.length];
    double[] their = new double[mine.length];
    double[] ratios = new double[mine.length];
    for (int i = 0; i < mine.length; i++) {
      our[i] = name.equals("load") ? mine[i].seconds : mine[i].bytes;
      their[i] = name.equals("load") ? theirs[i].seconds : theirs[i].bytes;
      ratios[i] = their[i] / our[i];
    }
    var ratio = new Samples(ratios);
    String note =
        mine[0].description
            + "; "
            + mine.length
            + " pairs of new JVMs, the library loaded before; memory after "
            + STEPS
            + " answers more; "
            + MachineFacts.line();
    return new BenchResult(
        name,
        unit,
        new Samples(our).median(),
        new Samples(their).median(),
        theirs[0].description,
        ratio.median(),
        ratio.low(),
        ratio.high(),
        note);
  }
}
