package dev.nagare.loadtest.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The score of the Numenta Anomaly Benchmark, standard profile: an anomaly window that is detected
 * earns up to 1, the more the earlier; one that is missed costs 1; a detection outside of every
 * window costs up to 0.11, less shortly after a window. 0 is what no detection at all gets, 100 a
 * detection at the first row of each window and no other. One threshold for all series, the best.
 *
 * <p>Source: Lavin and Ahmad, "Evaluating real-time anomaly detection algorithms" (2015), and the
 * benchmark's scorer; of each file the first 15 %, at most 750 rows, are not scored.
 */
public final class NabScore {
  private static final double FALSE_POSITIVE = 0.11;
  private static final double EARLIEST = sigmoid(-1);

  private final List<Series> all = new ArrayList<>();

  /**
   * The best threshold's result.
   *
   * @param score NAB's, 100 at best
   * @param f1 of windows: a window is found or missed, an alarm outside is a run of detections
   */
  public record Result(double threshold, double score, double f1) {}

  /** Creates a score of no file yet. */
  public NabScore() {}

  /**
   * Adds a file.
   *
   * @param scores a detector's, one per row; higher is more unusual
   * @param windows first and last row of each anomaly window, in order
   */
  public void add(double[] scores, List<int[]> windows) {
    all.add(new Series(scores, windows));
  }

  /** The result with the threshold that gives the best score. */
  public Result best() {
    Result best = new Result(Double.POSITIVE_INFINITY, 0, 0);
    double[] thresholds =
        all.stream().flatMapToDouble(s -> Arrays.stream(s.scores)).sorted().toArray();
    // Detections are rare: the upper tenth of all scores holds every threshold worth trying.
    int from = thresholds.length - thresholds.length / 10;
    int step = Math.max(1, (thresholds.length - from) / 2000);
    for (int i = from; i < thresholds.length; i += i < thresholds.length - 500 ? step : 1) {
      Result result = at(thresholds[i]);
      best = result.score > best.score ? result : best;
    }
    return best;
  }

  /** The result with a given threshold: scores from there on are detections. */
  public Result at(double threshold) {
    double raw = 0;
    int windows = 0;
    int found = 0;
    int alarms = 0;
    for (Series series : all) {
      int start = Math.min((int) (0.15 * series.scores.length), 750);
      int next = 0;
      int[] last = null;
      boolean hit = false;
      boolean alarmed = false;
      windows += series.windows.size();
      for (int i = 0; i < series.scores.length; i++) {
        if (next < series.windows.size() && i > series.windows.get(next)[1]) {
          last = series.windows.get(next++);
          hit = false;
        }
        boolean detected = i >= start && series.scores[i] >= threshold;
        boolean inside = next < series.windows.size() && i >= series.windows.get(next)[0];
        if (detected && inside && !hit) {
          hit = true;
          found++;
          raw += earned(series.windows.get(next), i);
        } else if (detected && !inside) {
          raw += FALSE_POSITIVE * cost(last, i);
          alarms += alarmed ? 0 : 1;
        }
        alarmed = detected && !inside;
      }
    }
    raw -= windows - found;
    double score = 100 * (raw + windows) / (2 * windows);
    return new Result(threshold, score, 2.0 * found / (windows + found + alarms));
  }

  private static double earned(int[] window, int row) {
    double width = window[1] - window[0] + 1;
    return sigmoid(-(window[1] - row + 1) / width) / EARLIEST;
  }

  private static double cost(int @Nullable [] before, int row) {
    if (before == null) {
      return -1;
    }
    double after = (row - before[1]) / (double) Math.max(1, before[1] - before[0]);
    return after > 3 ? -1 : sigmoid(after);
  }

  private static double sigmoid(double y) {
    return 2 / (1 + Math.exp(5 * y)) - 1;
  }

  private static final class Series {
    final double[] scores;
    final List<int[]> windows;

    Series(double[] scores, List<int[]> windows) {
      this.scores = scores.clone();
      this.windows = List.copyOf(windows);
    }
  }
}
