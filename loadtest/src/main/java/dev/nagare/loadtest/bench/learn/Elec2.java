package dev.nagare.loadtest.bench.learn;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.DataSet;
import dev.nagare.loadtest.bench.Figure;
import dev.nagare.loadtest.process.Cores;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The figures {@code elec2}, {@code elec2-rate}, {@code elec2-honest} and what stands beside them:
 * whether the price of electricity is above its mean of a day, told from the row's six columns and
 * the label of the row before.
 *
 * <p>The data, half hours in New South Wales: M. Harries, "Splice-2 comparative evaluation:
 * Electricity pricing" (UNSW, 1999); J. Gama et al., "Learning with drift detection" (2004). The
 * answer is in this file's row: the class says whether {@code nswprice} is above the mean of the 48
 * prices before.
 */
final class Elec2 implements Figure {
  static final DataSet DATA =
      new DataSet(
          "elec2/electricity.csv",
          "github.com/adaptive-machine-learning/CapyMOA, data/electricity.csv at 095caba1",
          "b96c120acb05078af777ec49113a682200a38f4ea93944af27b813c282184b79");
  static final List<String> FEATURES =
      List.of("period", "nswprice", "nswdemand", "vicprice", "vicdemand", "transfer");
  private static final String LABEL = "class";
  private static final int DAY = 48;

  private static final String LEARNER =
      "{window: 32, hidden: 32, batch: 4, learning-rate: 0.003, warm-up-steps: 50,"
          + " decay-steps: 10000, final-learning-rate: 0.001}";

  @Override
  public List<String> names() {
    return List.of(
        "elec2",
        "elec2-rate",
        "elec2-no-change",
        "elec2-price-rule",
        "elec2-mlp",
        "elec2-honest",
        "elec2-honest-mlp");
  }

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException, InterruptedException {
    String missing = DataSet.missing(bench, List.of(DATA));
    if (missing != null) {
      return names().stream()
          .map(
              name ->
                  BenchResult.missing(name, name.endsWith("rate") ? "1/s" : "fraction", missing))
          .toList();
    }
    Series rows = Series.read(DATA.in(bench));
    Series late = late(rows);
    List<LearnerRun> runs =
        LearnerRun.inTurn(
            List.of(
                task("elec2-cold", rows),
                task("elec2-honest", late),
                task("elec2-third", rows),
                task("elec2-fourth", rows),
                task("elec2", rows)),
            bench);
    LearnerRun cold = runs.get(0);
    LearnerRun run = runs.getLast();
    int[] labels = labels(rows);
    int[] lateLabels = labels(late);
    double ours = accuracy(run.predictions(), labels);
    double honest = accuracy(runs.get(1).predictions(), lateLabels);
    if (accuracy(cold.predictions(), labels) != ours) {
      throw new IOException("elec2: the same rows gave another accuracy in a cold JVM");
    }
    double noChange = noChange(labels);
    double lateNoChange = noChange(lateLabels);
    double mlp = new MemorylessMlp(FEATURES.size()).accuracy(features(rows), labels, bench);
    double lateMlp = new MemorylessMlp(FEATURES.size()).accuracy(features(late), lateLabels, bench);
    return List.of(
        BenchResult.beside(
            "elec2",
            "fraction",
            ours,
            noChange,
            "no change: the previous label again",
            ours / noChange,
            String.format(
                Locale.ROOT,
                "prequential accuracy over all %,d rows, each predicted before its label was"
                    + " learned, from the predictions topic; kappa-temporal %.3f; learner %s,"
                    + " chosen on the first 20 %% of the rows",
                labels.length,
                (ours - noChange) / (1 - noChange),
                LEARNER)),
        BenchResult.of(
            "elec2-rate",
            "1/s",
            run.eventsPerSecond(),
            String.format(
                Locale.ROOT,
                "events a second of the run above, first prediction to last by the learner's clock;"
                    + " the learner's process has %s; fifth pass of the server over as many rows,"
                    + " %.2f s of processor time, all threads; the passes before, which compile on"
                    + " the same core: %s",
                Cores.canPin() ? "core 0 and nothing else, the broker core 1" : "all cores",
                run.cpuSeconds(),
                runs.subList(0, runs.size() - 1).stream()
                    .map(pass -> String.format(Locale.ROOT, "%,.0f/s", pass.eventsPerSecond()))
                    .collect(Collectors.joining(", ")))),
        BenchResult.of(
            "elec2-no-change", "fraction", noChange, "the previous label again, all rows"),
        BenchResult.of(
            "elec2-price-rule",
            "fraction",
            priceRule(rows, labels),
            "class 1 if nswprice is above the mean of the 48 rows before: the answer is in this"
                + " data's row; rows from the 49th on"),
        BenchResult.beside(
            "elec2-mlp",
            "fraction",
            ours,
            mlp,
            "memoryless MLP on the same inputs, " + MemorylessMlp.DESCRIPTION,
            ours / mlp,
            "the model beside one that sees this row and the previous label only"),
        BenchResult.beside(
            "elec2-honest",
            "fraction",
            honest,
            lateNoChange,
            "no change: the previous label again",
            honest / lateNoChange,
            String.format(
                Locale.ROOT,
                "as elec2, with the six columns one row late, so that the row does not hold its"
                    + " answer; %,d rows; kappa-temporal %.3f",
                lateLabels.length,
                (honest - lateNoChange) / (1 - lateNoChange))),
        BenchResult.beside(
            "elec2-honest-mlp",
            "fraction",
            honest,
            lateMlp,
            "memoryless MLP on the same inputs, " + MemorylessMlp.DESCRIPTION,
            honest / lateMlp,
            "as elec2-mlp, with the six columns one row late"));
  }

  private static LearnerRun.Task task(String model, Series rows) {
    return new LearnerRun.Task(model, entry(model), rows.records());
  }

  /** The model as a user configures it. */
  static String entry(String model) {
    return """
        - name: %s
          format: csv
          columns: [%s, %s]
          features: [%s]
          task: classify
          label: %s
          classes: 2
          publish-every-steps: 100
          learner: %s
        """
        .formatted(
            model, String.join(", ", FEATURES), LABEL, String.join(", ", FEATURES), LABEL, LEARNER);
  }

  /** Each label with the columns of the row before. */
  static Series late(Series rows) {
    List<String> lines = new ArrayList<>(rows.size());
    for (int i = 1; i < rows.size(); i++) {
      String before = rows.lines().get(i - 1);
      String now = rows.lines().get(i);
      lines.add(before.substring(0, before.lastIndexOf(',')) + now.substring(now.lastIndexOf(',')));
    }
    return new Series(rows.columns(), lines);
  }

  private static int[] labels(Series rows) {
    double[] numbers = rows.numbers(LABEL);
    int[] labels = new int[numbers.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (int) numbers[i];
    }
    return labels;
  }

  private static double[][] features(Series rows) {
    double[][] features = new double[rows.size()][FEATURES.size()];
    for (int f = 0; f < FEATURES.size(); f++) {
      double[] column = rows.numbers(FEATURES.get(f));
      for (int i = 0; i < column.length; i++) {
        features[i][f] = column[i];
      }
    }
    return features;
  }

  /** A row without a prediction, while the window fills, counts as wrong. */
  private static double accuracy(List<float @Nullable []> predictions, int[] labels) {
    int right = 0;
    for (int i = 0; i < labels.length; i++) {
      float[] probabilities = predictions.get(i);
      if (probabilities != null && (probabilities[1] > probabilities[0] ? 1 : 0) == labels[i]) {
        right++;
      }
    }
    return (double) right / labels.length;
  }

  private static double noChange(int[] labels) {
    int right = 0;
    for (int i = 1; i < labels.length; i++) {
      right += labels[i] == labels[i - 1] ? 1 : 0;
    }
    return (double) right / labels.length;
  }

  private static double priceRule(Series rows, int[] labels) {
    double[] price = rows.numbers("nswprice");
    int right = 0;
    for (int i = DAY; i < price.length; i++) {
      double sum = 0;
      for (int k = 1; k <= DAY; k++) {
        sum += price[i - k];
      }
      right += (price[i] > sum / DAY ? 1 : 0) == labels[i] ? 1 : 0;
    }
    return (double) right / (price.length - DAY);
  }
}
