package dev.nagare.loadtest.bench.learn;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.DataSet;
import dev.nagare.loadtest.bench.Figure;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The figure {@code etth1-h24}: seven hourly variables of a transformer, all of the next 24 hours,
 * by a learner that goes through the file once; an hour is learned from when the 24 hours after it
 * are in.
 *
 * <p>Error as the field gives it (Zhou et al., "Informer", AAAI 2021): variables normalised with
 * the mean and deviation of the first 12 times 30 days, test on the last 4 of 20 such months, every
 * window of 24 targets in them. The data is CC BY-ND: nothing of it is kept here.
 */
final class Etth1 implements Figure {
  static final DataSet DATA =
      new DataSet(
          "etth1/ETTh1.csv",
          "github.com/zhouhaoyi/ETDataset, ETT-small/ETTh1.csv at 1d16c8f4",
          "f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066");
  private static final String NAME = "etth1-h24";
  private static final List<String> FEATURES =
      List.of("HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT");
  private static final int HORIZON = 24;
  private static final int MONTH = 30 * 24;

  private static final String LEARNER =
      "{window: 48, hidden: 64, dropout: 0.2, horizon: 24, season: 24, batch: 8, huber-delta: 3.0,"
          + " learning-rate: 0.001, warm-up-steps: 50, decay-steps: 10000,"
          + " final-learning-rate: 0.001}";

  @Override
  public List<String> names() {
    return List.of(NAME, NAME + "-mae");
  }

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException, InterruptedException {
    String missing = DataSet.missing(bench, List.of(DATA));
    if (missing != null) {
      return names().stream().map(name -> BenchResult.missing(name, "fraction", missing)).toList();
    }
    Series rows = Series.read(DATA.in(bench));
    double[][] normalised = new double[FEATURES.size()][];
    double[] mean = new double[FEATURES.size()];
    double[] deviation = new double[FEATURES.size()];
    for (int f = 0; f < FEATURES.size(); f++) {
      normalised[f] = normalise(rows.numbers(FEATURES.get(f)), mean, deviation, f);
    }
    var task = new LearnerRun.Task(NAME, entry(NAME), rows.records());
    LearnerRun run = LearnerRun.sideBySide(List.of(task), bench).getFirst();
    List<float @Nullable []> said = run.predictions();
    int values = FEATURES.size();
    var ours = new Errors();
    var yesterday = new Errors();
    int first = 16 * MONTH;
    int last = 20 * MONTH;
    for (int row = first - 1; row + HORIZON < last; row++) {
      float @Nullable [] forecast = said.get(row);
      if (forecast == null) {
        throw new IOException(NAME + ": no forecast after row " + row);
      }
      for (int h = 1; h <= HORIZON; h++) {
        for (int f = 0; f < values; f++) {
          double truth = normalised[f][row + h];
          ours.add((forecast[(h - 1) * values + f] - mean[f]) / deviation[f] - truth);
          yesterday.add(normalised[f][row + h - HORIZON] - truth);
        }
      }
    }
    String protocol =
        String.format(
            Locale.ROOT,
            " of 7 variables, 24 hours ahead, normalised with the first 12 months, last 4 of 20"
                + " months of 30 days, %,d values; learner %s, chosen on the first 20 %% of the"
                + " rows; %,.0f rows/s",
            ours.count,
            LEARNER,
            run.eventsPerSecond());
    String peer = "same hour yesterday";
    return List.of(
        BenchResult.beside(
            NAME,
            "fraction",
            ours.squared(),
            yesterday.squared(),
            peer,
            yesterday.squared() / ours.squared(),
            "mean squared error" + protocol),
        BenchResult.beside(
            NAME + "-mae",
            "fraction",
            ours.absolute(),
            yesterday.absolute(),
            peer,
            yesterday.absolute() / ours.absolute(),
            "mean absolute error" + protocol));
  }

  private static double[] normalise(
      double[] column, double[] means, double[] deviations, int index) {
    int train = 12 * MONTH;
    double sum = 0;
    for (int i = 0; i < train; i++) {
      sum += column[i];
    }
    double mean = sum / train;
    double squares = 0;
    for (int i = 0; i < train; i++) {
      squares += (column[i] - mean) * (column[i] - mean);
    }
    double deviation = Math.sqrt(squares / train);
    double[] normalised = new double[column.length];
    for (int i = 0; i < column.length; i++) {
      normalised[i] = (column[i] - mean) / deviation;
    }
    means[index] = mean;
    deviations[index] = deviation;
    return normalised;
  }

  private static String entry(String model) {
    return """
        - name: %s
          format: csv
          columns: [date, %s]
          features: [%s]
          publish-every-steps: 100
          learner: %s
        """
        .formatted(model, String.join(", ", FEATURES), String.join(", ", FEATURES), LEARNER);
  }

  /** Means of squared and absolute errors. */
  private static final class Errors {
    private double squares;
    private double sum;
    private long count;

    void add(double error) {
      squares += error * error;
      sum += Math.abs(error);
      count++;
    }

    double squared() {
      return squares / count;
    }

    double absolute() {
      return sum / count;
    }
  }
}
