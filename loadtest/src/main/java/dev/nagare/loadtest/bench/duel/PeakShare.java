package dev.nagare.loadtest.bench.duel;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.Figure;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How much of one core's measured peak a kernel reaches.
 *
 * @param duel of the kernel with as many multiply-adds from registers
 * @param operations multiplications and additions of a step
 */
public record PeakShare(Duel duel, double operations) implements Figure {

  @Override
  public List<String> names() {
    return duel.names();
  }

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException, InterruptedException {
    BenchResult times = duel.measure(bench).getFirst();
    String note =
        String.format(
            Locale.ROOT,
            "%.1f GFLOP/s of %.1f, 95 %% interval of the share %.3f to %.3f; %s",
            billions(times.ours()),
            billions(times.peer()),
            times.low(),
            times.high(),
            times.note());
    return List.of(
        new BenchResult(
            times.name(), "fraction", times.ratio(), null, null, null, null, null, note));
  }

  private double billions(@Nullable Double seconds) {
    return seconds == null ? Double.NaN : operations / seconds / 1e9;
  }
}
