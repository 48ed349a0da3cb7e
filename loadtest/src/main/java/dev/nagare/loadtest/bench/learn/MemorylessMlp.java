package dev.nagare.loadtest.bench.learn;

import dev.nagare.loadtest.bench.Bench;
import java.util.SplittableRandom;

/**
 * A classifier that sees one row and the previous label and remembers nothing else: what a model
 * with a memory must beat. Plain Java in double precision, written to share nothing with what it
 * stands beside.
 *
 * <pre>
 * p(1) = σ(w₂ · tanh(W₁ x + b₁) + b₂)        x = normalised features, previous label as -1 or 1
 * </pre>
 *
 * <p>Test, then train, a step of Adam per row. Its learning rate is the best of five on the first
 * 20 % of the rows.
 */
final class MemorylessMlp {
  static final String DESCRIPTION =
      "64 tanh units, Adam, a step per row, rate the best of five on the first 20 %";

  private static final int HIDDEN = 64;
  private static final double[] RATES = {3e-4, 1e-3, 3e-3, 1e-2, 3e-2};
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final int inputs;

  MemorylessMlp(int features) {
    this.inputs = features + 1;
  }

  /** Accuracy over all rows; the first row's guess is class 0. */
  double accuracy(double[][] features, int[] labels, Bench bench) {
    double best = 0;
    double rate = RATES[0];
    for (int i = 0; i < RATES.length; i++) {
      double found = new Run(RATES[i]).over(features, labels, labels.length / 5);
      bench.bar().show((i + 1.0) / (RATES.length + 1), "memoryless MLP");
      if (found > best) {
        best = found;
        rate = RATES[i];
      }
    }
    return new Run(rate).over(features, labels, labels.length);
  }

  private final class Run {
    private final double rate;
    private final double[] weights = new double[HIDDEN * (inputs + 2) + 1];
    private final double[] gradient = new double[weights.length];
    private final double[] first = new double[weights.length];
    private final double[] second = new double[weights.length];
    private final double[] hidden = new double[HIDDEN];
    private final double[] x = new double[inputs];
    private final double[] mean = new double[inputs - 1];
    private final double[] squares = new double[inputs - 1];
    private int steps;

    Run(double rate) {
      this.rate = rate;
      var random = new SplittableRandom(1);
      double bound = 1 / Math.sqrt(inputs);
      for (int i = 0; i < HIDDEN * inputs; i++) {
        weights[i] = random.nextDouble(-bound, bound);
      }
    }

    double over(double[][] features, int[] labels, int rows) {
      int right = 0;
      int previous = 0;
      for (int i = 0; i < rows; i++) {
        encode(features[i], previous);
        double p = 1 / (1 + Math.exp(-forward()));
        right += (p > 0.5 ? 1 : 0) == labels[i] ? 1 : 0;
        learn(p - labels[i]);
        previous = labels[i];
      }
      return (double) right / rows;
    }

    /** Normalises with the mean and spread of the rows so far, this one among them. */
    private void encode(double[] row, int previous) {
      int count = steps + 1;
      for (int f = 0; f < row.length; f++) {
        double off = row[f] - mean[f];
        mean[f] += off / count;
        squares[f] += off * (row[f] - mean[f]);
        double spread = Math.sqrt(squares[f] / count);
        x[f] = spread > 0 ? (row[f] - mean[f]) / spread : 0;
      }
      x[inputs - 1] = 2 * previous - 1;
    }

    private double forward() {
      double out = weights[weights.length - 1];
      for (int h = 0; h < HIDDEN; h++) {
        double sum = weights[HIDDEN * inputs + h];
        for (int i = 0; i < inputs; i++) {
          sum += weights[h * inputs + i] * x[i];
        }
        hidden[h] = Math.tanh(sum);
        out += weights[HIDDEN * (inputs + 1) + h] * hidden[h];
      }
      return out;
    }

    private void learn(double error) {
      for (int h = 0; h < HIDDEN; h++) {
        double back = error * weights[HIDDEN * (inputs + 1) + h] * (1 - hidden[h] * hidden[h]);
        for (int i = 0; i < inputs; i++) {
          gradient[h * inputs + i] = back * x[i];
        }
        gradient[HIDDEN * inputs + h] = back;
        gradient[HIDDEN * (inputs + 1) + h] = error * hidden[h];
      }
      gradient[weights.length - 1] = error;
      steps++;
      double correction1 = 1 - Math.pow(BETA1, steps);
      double correction2 = 1 - Math.pow(BETA2, steps);
      for (int w = 0; w < weights.length; w++) {
        first[w] += (1 - BETA1) * (gradient[w] - first[w]);
        second[w] += (1 - BETA2) * (gradient[w] * gradient[w] - second[w]);
        weights[w] -=
            rate * (first[w] / correction1) / (Math.sqrt(second[w] / correction2) + EPSILON);
      }
    }
  }
}
