package dev.nagare.models.online;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/** The forecasts that cost nothing: repeat the last row, or an exponential average. */
final class Baselines {
  /** Smoothing factors of the exponential averages. */
  static final List<Float> ALPHAS = List.of(0.1f, 0.3f, 0.5f);

  /** Repeat-last, then the averages of {@link #ALPHAS}; each {@code [features]}. */
  final float[][] forecasts;

  private boolean empty = true;

  Baselines(int features) {
    forecasts = new float[1 + ALPHAS.size()][features];
  }

  void add(float[] row) {
    for (int b = 0; b < forecasts.length; b++) {
      float alpha = b == 0 || empty ? 1 : ALPHAS.get(b - 1);
      for (int f = 0; f < row.length; f++) {
        // Not average + alpha * (row - average): the difference of two large values may overflow.
        forecasts[b][f] = alpha * row[f] + (1 - alpha) * forecasts[b][f];
      }
    }
    empty = false;
  }

  void save(DataOutput out) throws IOException {
    out.writeBoolean(empty);
    for (float[] forecast : forecasts) {
      StateTensors.write(forecast, out);
    }
  }

  void load(DataInput in) throws IOException {
    empty = in.readBoolean();
    for (float[] forecast : forecasts) {
      StateTensors.read(forecast, in);
    }
  }
}
