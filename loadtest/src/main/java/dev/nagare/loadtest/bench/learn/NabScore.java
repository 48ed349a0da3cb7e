package dev.nagare.loadtest.bench.learn;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The score of the Numenta Anomaly Benchmark, standard profile: early detections in a labelled
 * window count up to 1, later ones less, alarms elsewhere cost up to 0.11 each, a missed window
 * costs 1; 0 is the score of silence, 1 that of a perfect detector.
 *
 * <pre>
 * σ(y) = 2 / (1 + exp(5 y)) - 1              -1 for y > 3
 * in a window:  σ(-(last - i + 1) / width) / σ(-1)      the best detection of a window counts
 * elsewhere:    0.11 σ((i - last) / (width - 1))         by the window before; -0.11 before any
 * </pre>
 *
 * <p>One threshold for all series, the best one in hindsight, as the benchmark's own optimizer
 * finds it for each detector. The first 15 % of a series, 750 rows at most, do not count. Source:
 * Lavin and Ahmad (2015); numenta/NAB, {@code nab/sweeper.py}.
 */
final class NabScore {
  private static final double FALSE_POSITIVE = 0.11;
  private static final double PROBATION = 0.15;
  private static final int LONGEST = 5000;
  private static final double FAR = 3;

  private final List<Alarm> alarms = new ArrayList<>();
  private int windows;

  /** A labelled anomaly: its first and last row. */
  record Window(int first, int last) {
    int width() {
      return last - first + 1;
    }
  }

  /**
   * A row that would raise an alarm.
   *
   * @param score how unusual the row is
   * @param window number of the labelled window; -1 outside
   * @param worth what the alarm adds
   */
  private record Alarm(double score, int window, double worth) {}

  /**
   * The best threshold.
   *
   * @param score 0 for silence, 1 for perfection
   * @param threshold rows with this score or more raise alarms
   * @param found labelled windows with an alarm
   * @param windows labelled windows
   * @param falseAlarms rows outside that raise an alarm
   */
  record Best(double score, double threshold, int found, int windows, int falseAlarms) {}

  /**
   * Adds a series.
   *
   * @param scores how unusual each row is
   * @param labelled its anomalies, in order
   */
  void add(double[] scores, List<Window> labelled) {
    int probation = (int) (PROBATION * Math.min(scores.length, LONGEST));
    int next = 0;
    for (int i = 0; i < scores.length; i++) {
      while (next < labelled.size() && i > labelled.get(next).last()) {
        next++;
      }
      if (i < probation) {
        continue;
      }
      if (next < labelled.size() && i >= labelled.get(next).first()) {
        Window window = labelled.get(next);
        double at = -(double) (window.last() - i + 1) / window.width();
        alarms.add(new Alarm(scores[i], windows + next, sigmoid(at) / sigmoid(-1)));
      } else if (next == 0) {
        alarms.add(new Alarm(scores[i], -1, -FALSE_POSITIVE));
      } else {
        Window before = labelled.get(next - 1);
        double past = (double) (i - before.last()) / (before.width() - 1);
        alarms.add(new Alarm(scores[i], -1, FALSE_POSITIVE * sigmoid(past)));
      }
    }
    windows += labelled.size();
  }

  private static double sigmoid(double y) {
    return y > FAR ? -1 : 2 / (1 + Math.exp(5 * y)) - 1;
  }

  /** The threshold with the best score, from silence down. */
  Best best() {
    alarms.sort(Comparator.comparingDouble(Alarm::score).reversed());
    double[] worth = new double[windows];
    java.util.Arrays.fill(worth, -1);
    double sum = -windows;
    int found = 0;
    int falseAlarms = 0;
    Best best = new Best(0, Double.POSITIVE_INFINITY, 0, windows, 0);
    for (int i = 0; i < alarms.size(); i++) {
      Alarm alarm = alarms.get(i);
      if (alarm.window() < 0) {
        falseAlarms++;
        sum += alarm.worth();
      } else if (alarm.worth() > worth[alarm.window()]) {
        found += worth[alarm.window()] == -1 ? 1 : 0;
        sum += alarm.worth() - worth[alarm.window()];
        worth[alarm.window()] = alarm.worth();
      }
      boolean last = i + 1 == alarms.size() || alarms.get(i + 1).score() < alarm.score();
      double score = (sum + windows) / (2 * windows);
      if (last && score > best.score()) {
        best = new Best(score, alarm.score(), found, windows, falseAlarms);
      }
    }
    return best;
  }
}
