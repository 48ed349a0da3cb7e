package dev.nagare.loadtest.bench.learn;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.DataSet;
import dev.nagare.loadtest.bench.Figure;
import dev.nagare.models.online.AnomalyScore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The figure {@code nab}: anomalies told from the error of a forecaster of the next value that
 * begins knowing nothing, one per series, all in one server; beside the benchmark's windowed
 * Gaussian, which sees the values themselves. Both are judged by {@link NabScore}.
 */
final class Nab implements Figure {
  private static final String NAME = "nab";
  private static final int SHORT_ROWS = 1;
  private static final int MEMORY = 1000;
  private static final int PROBATION = 100;
  private static final String LEARNER =
      "{window: 32, hidden: 16, batch: 4, learning-rate: 0.003, warm-up-steps: 50,"
          + " decay-steps: 5000, final-learning-rate: 0.0005}";

  @Override
  public List<String> names() {
    return List.of(NAME, NAME + "-gaussian");
  }

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException, InterruptedException {
    String missing = DataSet.missing(bench, NabCorpus.FILES);
    if (missing != null) {
      return names().stream().map(name -> BenchResult.missing(name, "fraction", missing)).toList();
    }
    List<NabCorpus.Labelled> corpus = NabCorpus.read(bench);
    List<LearnerRun.Task> tasks = new ArrayList<>();
    for (NabCorpus.Labelled series : corpus) {
      tasks.add(new LearnerRun.Task(series.name(), entry(series.name()), series.rows().records()));
    }
    List<LearnerRun> runs = LearnerRun.sideBySide(tasks, bench);
    var ours = new NabScore();
    var gaussian = new NabScore();
    for (int i = 0; i < corpus.size(); i++) {
      NabCorpus.Labelled series = corpus.get(i);
      double[] values = series.rows().numbers("value");
      ours.add(scores(values, runs.get(i).predictions()), series.windows());
      gaussian.add(WindowedGaussian.scores(values), series.windows());
    }
    NabScore.Best best = ours.best();
    NabScore.Best other = gaussian.best();
    return List.of(
        BenchResult.beside(
            NAME,
            "fraction",
            best.score(),
            other.score(),
            "windowed Gaussian (6,400 values, steps of 100)",
            best.score() / other.score(),
            "score of the Numenta Anomaly Benchmark, standard profile, 1 is perfect, five series of"
                + " realKnownCause, one threshold for all, the best in hindsight for either side; "
                + found(best)
                + "; mean absolute error of "
                + SHORT_ROWS
                + " forecasts against the errors before; learner "
                + LEARNER
                + "; the length of the short mean and the memory were chosen on these series, which"
                + " flatters by some points (docs/decisions/0054)"),
        BenchResult.of(
            NAME + "-gaussian", "fraction", other.score(), "the peer above; " + found(other)));
  }

  private static String found(NabScore.Best best) {
    return String.format(
        Locale.ROOT,
        "%d of %d anomalies found, %d false alarms",
        best.found(),
        best.windows(),
        best.falseAlarms());
  }

  private static double[] scores(double[] values, List<float @Nullable []> said) {
    var score = new AnomalyScore(SHORT_ROWS, MEMORY, PROBATION);
    double[] scores = new double[values.length];
    for (int i = 1; i < values.length; i++) {
      float[] forecast = said.get(i - 1);
      if (forecast != null) {
        var _ = score.add(Math.abs(forecast[0] - values[i]));
        scores[i] = score.deviations();
      }
    }
    return scores;
  }

  private static String entry(String model) {
    return """
        - name: %s
          format: csv
          columns: [timestamp, value]
          features: [value]
          publish-every-steps: 100
          learner: %s
        """
        .formatted(model, LEARNER);
  }
}
