package dev.nagare.loadtest.bench.learn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.learn.LearnerRun.Task;
import dev.nagare.server.cli.ProgressBar;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The way of the accuracy figures through broker and learner, with a tiny set made here. */
class LearnerRunIT {
  private static final int ROWS = 400;
  private static final Bench BENCH =
      new Bench(30, null, new ProgressBar(new PrintWriter(Writer.nullWriter())));

  @BeforeAll
  static void findThePrograms() {
    System.setProperty("nagare.home", Path.of("..").toAbsolutePath().normalize().toString());
  }

  @Test
  void aLearnerPredictsEveryRowBeforeItLearnsItAndTwiceTheSame() throws Exception {
    List<byte[]> rows = new ArrayList<>();
    var random = new SplittableRandom(3);
    for (int i = 0; i < ROWS; i++) {
      double value = random.nextDouble();
      rows.add(String.format(Locale.ROOT, "%.3f,%d", value, value > 0.5 ? 1 : 0).getBytes(UTF_8));
    }
    List<LearnerRun> runs =
        LearnerRun.inTurn(List.of(task("cold", rows), task("warm", rows)), BENCH);
    List<float[]> cold = said(runs.getFirst());
    assertThat(said(runs.get(1))).usingRecursiveComparison().isEqualTo(cold);
    assertThat(cold).hasSize(ROWS - 7);
    assertThat(cold).allSatisfy(classes -> assertThat(classes).hasSize(2));
    assertThat(runs).allSatisfy(run -> assertThat(run.eventsPerSecond()).isPositive());
  }

  /** Without the rows that only fill the window. */
  private static List<float[]> said(LearnerRun run) {
    assertThat(run.predictions()).hasSize(ROWS);
    assertThat(run.predictions().subList(0, 7)).containsOnlyNulls();
    return List.copyOf(run.predictions().subList(7, ROWS));
  }

  private static Task task(String model, List<byte[]> rows) {
    String entry =
        """
        - name: %s
          format: csv
          columns: [value, class]
          features: [value]
          task: classify
          label: class
          classes: 2
          learner: {window: 8, hidden: 4, batch: 4}
        """
            .formatted(model);
    return new Task(model, entry, rows);
  }
}
