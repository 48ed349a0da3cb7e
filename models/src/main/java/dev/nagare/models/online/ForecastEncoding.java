package dev.nagare.models.online;

import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import java.util.List;

/**
 * Inputs are the normalised rows, and with a season the changes from the rows a season before, 0
 * where that is before the window; outputs are changes from the row a season before, in units of
 * the usual change over that distance. A network that says 0 repeats the season, and every feature
 * asks for numbers of the same size.
 *
 * <pre>
 * base(h) = row at h - season · ⌈h / season⌉          h = 1 .. horizon, 0 the window's last row
 * forecast(h) = base(h) + change(⌈h / season⌉) ⊙ out(h)
 * </pre>
 */
record ForecastEncoding(int features, int horizon, int season) implements Encoding {

  /** Seasons from a row {@code h} ahead back into the window. */
  int seasons(int h) {
    return (h + season - 1) / season;
  }

  /** Row that a row {@code h} ahead is expected to repeat, counted back from the newest. */
  int base(int h) {
    return season * seasons(h) - h;
  }

  @Override
  public int[] lags() {
    int[] lags = new int[seasons(horizon)];
    for (int k = 0; k < lags.length; k++) {
      lags[k] = season * (k + 1);
    }
    return lags;
  }

  @Override
  public Scales scales(RunningScale scale, Memory memory) {
    return new Scales(scale.mean, scale.spread, scale.change);
  }

  @Override
  public Signature signature(int windowRows) {
    List<Integer> shape = horizon == 1 ? List.of(features) : List.of(horizon, features);
    return new Signature(windowRows, features, "forecast", shape);
  }

  @Override
  public int inputs() {
    return season == 1 ? features : 2 * features;
  }

  @Override
  public int outputs() {
    return horizon * features;
  }

  @Override
  public void encode(Scales scales, Tensor rows, Tensor inputs) {
    scales.normalise(rows, inputs);
    if (season > 1) {
      differences(scales, rows, inputs);
    }
  }

  private void differences(Scales scales, Tensor rows, Tensor inputs) {
    int steps = (int) rows.dim(1);
    for (long r = 0; r < rows.dim(0); r++) {
      for (int t = 0; t < steps; t++) {
        long row = (r * steps + t) * features;
        for (int f = 0; f < features; f++) {
          double difference =
              t < season ? 0 : rows.get(row + f) - rows.get(row - (long) season * features + f);
          inputs.set(2 * row + features + f, Scales.limited(difference, scales.change().get(f)));
        }
      }
    }
  }

  @Override
  public void decode(Scales scales, Tensor windows, Tensor outputs, Tensor answers) {
    long steps = windows.dim(1);
    for (long r = 0; r < windows.dim(0); r++) {
      for (int h = 1; h <= horizon; h++) {
        long base = ((r + 1) * steps - 1 - base(h)) * features;
        long change = (seasons(h) - 1L) * features;
        for (int f = 0; f < features; f++) {
          long at = (r * horizon + h - 1) * features + f;
          double to = windows.get(base + f) + scales.change().get(change + f) * outputs.get(at);
          answers.set(at, Math.clamp(to, -Float.MAX_VALUE, Float.MAX_VALUE));
        }
      }
    }
  }

  /**
   * Writes what the network should have said after each row of a sequence.
   *
   * @param labels {@code [1, T, outputs]}
   * @param history rows up to the newest, which is the last label of the row {@code back} rows ago,
   *     the sequence's last
   */
  void label(Scales scales, RowHistory history, int back, Tensor labels) {
    int steps = (int) labels.dim(1);
    for (int t = 0; t < steps; t++) {
      int row = back + steps - 1 - t;
      for (int h = 1; h <= horizon; h++) {
        long change = (seasons(h) - 1L) * features;
        for (int f = 0; f < features; f++) {
          double difference = (double) history.get(row - h, f) - history.get(row + base(h), f);
          labels.set(
              ((long) t * horizon + h - 1) * features + f,
              Scales.limited(difference, scales.change().get(change + f)));
        }
      }
    }
  }
}
