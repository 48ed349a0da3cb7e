package dev.nagare.loadtest.bench;

import java.util.ArrayDeque;

/**
 * The benchmark's own simple detector: how many deviations a value is from the mean of a window of
 * past values. Source: NAB's {@code windowedGaussian}, window 6,400 rows, renewed every 100, whose
 * score is the normal probability of the same distance.
 */
public final class WindowedGaussian {
  private static final int WINDOW = 6400;
  private static final int STEP = 100;

  private final ArrayDeque<Double> window = new ArrayDeque<>();
  private final ArrayDeque<Double> waiting = new ArrayDeque<>();
  private double mean;
  private double deviation = 1;

  /** Creates a detector that has seen nothing. */
  public WindowedGaussian() {}

  /** Takes in a value and says how unusual it is; 0 for the first. */
  public double add(double value) {
    double score = window.isEmpty() ? 0 : Math.abs(value - mean) / deviation;
    if (window.size() < WINDOW) {
      window.add(value);
      fit();
    } else {
      waiting.add(value);
      if (waiting.size() == STEP) {
        for (; !waiting.isEmpty(); window.add(waiting.remove())) {
          window.remove();
        }
        fit();
      }
    }
    return score;
  }

  private void fit() {
    double sum = 0;
    for (double value : window) {
      sum += value;
    }
    mean = sum / window.size();
    double squares = 0;
    for (double value : window) {
      squares += (value - mean) * (value - mean);
    }
    double variance = squares / window.size();
    deviation = variance > 0 ? Math.sqrt(variance) : 1e-6;
  }
}
