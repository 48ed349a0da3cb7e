package dev.nagare.loadtest.bench.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.Figure;
import dev.nagare.server.cli.ProgressBar;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What figures stand beside, and what they say without their data. */
class BaselinesTest {
  private static final Bench WITHOUT_DATA =
      new Bench(30, null, new ProgressBar(new PrintWriter(Writer.nullWriter())));

  @Test
  void anMlpLearnsWhatIsInTheRowAndNothingThatIsNot() {
    var random = new SplittableRandom(7);
    double[][] features = new double[4000][2];
    int[] inTheRow = new int[features.length];
    int[] twoBefore = new int[features.length];
    for (int i = 0; i < features.length; i++) {
      features[i][0] = random.nextDouble();
      features[i][1] = random.nextDouble();
      inTheRow[i] = features[i][0] > features[i][1] ? 1 : 0;
      twoBefore[i] = i < 2 ? 0 : inTheRow[i - 2];
    }
    assertThat(new MemorylessMlp(2).accuracy(features, inTheRow, WITHOUT_DATA)).isGreaterThan(0.9);
    assertThat(new MemorylessMlp(2).accuracy(features, twoBefore, WITHOUT_DATA)).isLessThan(0.6);
  }

  @Test
  void aWindowedGaussianCountsDeviationsOfTheValuesBefore() {
    double[] scores = WindowedGaussian.scores(new double[] {1, 3, 1, 3, 6});
    assertThat(scores[0]).isZero();
    assertThat(scores[4]).isEqualTo(4);
  }

  @Test
  void lateRowsHaveTheColumnsOfTheRowBefore() {
    var rows = new Series(List.of("a", "class"), List.of("1,0", "2,1", "3,0"));
    assertThat(Elec2.late(rows).lines()).containsExactly("1,1", "2,0");
  }

  @Test
  void aRowWithoutItsDataSaysWhereToGetIt() throws Exception {
    for (Figure figure : List.of(new Elec2(), new Etth1(), new Nab())) {
      List<BenchResult> rows = figure.measure(WITHOUT_DATA);
      assertThat(rows).extracting(BenchResult::name).isEqualTo(figure.names());
      assertThat(rows)
          .allSatisfy(row -> assertThat(row.ours()).isNull())
          .allSatisfy(row -> assertThat(row.note()).containsPattern("github.com/.*[0-9a-f]{64}"));
    }
  }

  @Test
  void namesAreUniqueInTheSuite() {
    List<String> names =
        LearnSuite.FIGURES.stream().flatMap(figure -> figure.names().stream()).toList();
    assertThat(names)
        .doesNotHaveDuplicates()
        .contains(
            "elec2",
            "elec2-rate",
            "elec2-honest",
            "etth1-h24",
            "nab",
            "publish-10hz",
            "recover",
            "takeover");
  }
}
