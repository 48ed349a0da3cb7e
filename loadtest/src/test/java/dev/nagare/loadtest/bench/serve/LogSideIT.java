package dev.nagare.loadtest.bench.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.loadtest.bench.serve.LogSide.Block;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Small blocks through a real broker and real servers. That each record has one output, in order,
 * the reader looks at itself.
 */
class LogSideIT {
  private static final int RECORDS = 300;

  @BeforeAll
  static void findThePrograms() {
    System.setProperty("nagare.home", Path.of("..").toAbsolutePath().normalize().toString());
  }

  static Stream<LogTask> tasks() {
    return Stream.of(new ScoreTask(), new JoinTask());
  }

  @ParameterizedTest
  @MethodSource("tasks")
  void onlyExactlyOnceMarksTransactionsAmongTheOutputs(LogTask task) throws Exception {
    try (LogStage stage = LogStage.open()) {
      LogSide exactly = stage.side(task, "exactly-once");
      LogSide atLeast = stage.side(task, "at-least-once");
      exactly.drain(RECORDS);
      Block drained = exactly.drain(RECORDS); // the marks of a block may be seen with the next
      assertThat(drained.records()).isEqualTo(RECORDS);
      assertThat(drained.transactions()).isPositive();
      atLeast.drain(RECORDS);
      assertThat(atLeast.drain(RECORDS).transactions()).isZero();
      for (LogSide side : new LogSide[] {exactly, atLeast}) {
        Block paced = side.paced(RECORDS, Duration.ofSeconds(1));
        assertThat(paced.records()).isEqualTo(RECORDS);
        assertThat(paced.latency()).isPositive().isLessThan(paced.seconds());
      }
    }
  }
}
