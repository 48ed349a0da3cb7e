package dev.nagare.loadtest.bench.learn;

/**
 * The benchmark's own simple detector: how many standard deviations a value is from the mean of the
 * last 6,400, of which the oldest 100 leave at a time. Source: numenta/NAB, {@code
 * nab/detectors/gaussian/windowedGaussian_detector.py}, whose score, a tail probability, grows with
 * this one.
 */
final class WindowedGaussian {
  private static final int WINDOW = 6400;
  private static final int STEP = 100;

  private WindowedGaussian() {}

  /** The score of each value, from those before it. */
  static double[] scores(double[] values) {
    double[] scores = new double[values.length];
    int from = 0;
    int to = 0;
    for (int i = 0; i < values.length; i++) {
      scores[i] = deviations(values, from, to, values[i]);
      if (i + 1 - from <= WINDOW) {
        to = i + 1;
      } else if (i + 1 - to == STEP) {
        from += STEP;
        to += STEP;
      }
    }
    return scores;
  }

  private static double deviations(double[] values, int from, int to, double value) {
    if (from == to) {
      return 0;
    }
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += values[i];
    }
    double mean = sum / (to - from);
    double squares = 0;
    for (int i = from; i < to; i++) {
      squares += (values[i] - mean) * (values[i] - mean);
    }
    double deviation = Math.sqrt(squares / (to - from));
    return Math.abs(value - mean) / (deviation == 0 ? 1e-6 : deviation);
  }
}
