package dev.nagare.loadtest.bench.learn;

/**
 * How unusual the recent errors of a forecaster are: how many standard deviations their short mean
 * is above the mean of the errors before them, which an exponential average remembers. After Ahmad,
 * Lavin, Purdy and Agha, "Unsupervised real-time anomaly detection for streaming data" (2017).
 */
final class AnomalyScore {
  private final int probation;
  private final double weight;
  private final double[] recent;
  private long count;
  private double mean;
  private double variance;
  private double deviations;

  AnomalyScore(int shortRows, int memory, int probation) {
    this.probation = probation;
    this.weight = 1.0 / memory;
    this.recent = new double[shortRows];
  }

  void add(double error) {
    int slot = (int) (count % recent.length);
    if (count >= recent.length) {
      double share = Math.max(1.0 / (count - recent.length + 1), weight);
      double difference = recent[slot] - mean;
      mean += share * difference;
      variance = (1 - share) * (variance + share * difference * difference);
    }
    recent[slot] = error;
    count++;
    double sum = 0;
    for (double value : recent) {
      sum += value;
    }
    boolean known = count > Math.max(probation, 2L * recent.length) && variance > 0;
    deviations = known ? (sum / recent.length - mean) / Math.sqrt(variance / recent.length) : 0;
  }

  double deviations() {
    return deviations;
  }
}
