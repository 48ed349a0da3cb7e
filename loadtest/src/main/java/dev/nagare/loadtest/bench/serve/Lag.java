package dev.nagare.loadtest.bench.serve;

import dev.nagare.loadtest.bench.serve.wire.Tally;
import java.util.Locale;

/** Whether the load was sent when it was due: else it is the generator that is measured. */
final class Lag {
  private static final double MOST_SECONDS = 1e-3;

  /** A void block is repeated; so many for each that is wanted, and no more. */
  private static final int MOST_VOID = 4;

  private int blocks;
  private int late;
  private double worst;

  /** Looks at a block; false if it is void. */
  boolean allows(Tally block) {
    double lag = block.lag(0.99);
    blocks++;
    if (lag >= MOST_SECONDS) {
      late++;
      return false;
    }
    worst = Math.max(worst, lag);
    return true;
  }

  /** Whether too many blocks were void for the rest to count. */
  boolean spoils(int wanted) {
    return late > MOST_VOID * wanted;
  }

  /** What a row says of it. */
  String words() {
    return String.format(
        Locale.ROOT,
        "lag of the load p99 at most %.0f us in the blocks that count%s",
        worst * 1e6,
        late == 0 ? "" : ", " + late + " of " + blocks + " blocks void (1 ms or more)");
  }
}
