package dev.nagare.loadtest.drill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.streaming.rehearsal.CrashPoint;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The claim, held against real processes; {@code -Dnagare.checks=ci} or {@code nightly} for more.
 */
class DrillIT {
  private static final long SEED = 20_260_401;
  private static final PrintWriter OUT = new PrintWriter(System.out, true, StandardCharsets.UTF_8);

  /** How much is drilled. */
  private enum Size {
    VERIFY(CrashPoint.values().length, 200, 1, 2, 3),
    CI(50, 50, 4, 4, 15),
    NIGHTLY(200, 50, 8, 16, 200);

    private final int kills;
    private final int restartEvery;
    private final int zombies;
    private final int brokers;
    private final int labels;

    Size(int kills, int restartEvery, int zombies, int brokers, int labels) {
      this.kills = kills;
      this.restartEvery = restartEvery;
      this.zombies = zombies;
      this.brokers = brokers;
      this.labels = labels;
    }

    static Size chosen() {
      Size size = valueOf(System.getProperty("nagare.checks", "verify").toUpperCase(Locale.ROOT));
      System.out.println("DrillIT: size " + size + ", " + size.kills + " kills, seed " + SEED);
      return size;
    }
  }

  private final Size size = Size.chosen();

  @BeforeAll
  static void findThePrograms() {
    System.setProperty("nagare.home", Path.of("..").toAbsolutePath().normalize().toString());
  }

  @Test
  void aLearnerThatIsKilledAnywhereBecomesTheSameModel() throws Exception {
    var options = new DrillOptions(size.kills, SEED);
    DrillReport report = new KillDrill(options, Sabotage.NONE, size.restartEvery, OUT).run();
    OUT.print(report.verdict());
    assertThat(report.faults()).isEmpty();
    assertThat(report.hash_killed()).isEqualTo(report.hash_undisturbed()).hasSize(64);
    assertThat(report.uncommitted_kills()).isEqualTo(size.kills);
    assertThat(report.examples()).isPositive();
    assertThat(report.lost() + report.repeated()).isZero();
  }

  @Test
  void aLearnerThatWasReplacedWritesNothing() throws Exception {
    DrillReport report =
        new ZombieDrill(new DrillOptions(size.zombies, SEED), size.restartEvery, OUT).run();
    OUT.print(report.verdict());
    assertThat(report.faults()).isEmpty();
    assertThat(report.details()).hasSize(size.zombies);
  }

  @Test
  void aBrokerThatIsKilledLosesNothing() throws Exception {
    DrillReport report =
        new BrokerDrill(new DrillOptions(size.brokers, SEED), size.restartEvery, OUT).run();
    OUT.print(report.verdict());
    assertThat(report.faults()).isEmpty();
    assertThat(report.details()).hasSize(size.brokers);
  }

  @Test
  void everyLabelHasOneFateWheneverTheServerIsKilled() throws Exception {
    LabelsReport report = new LabelsDrill(new DrillOptions(size.labels, SEED), OUT).run();
    OUT.print(report.verdict());
    assertThat(report.faults()).isEmpty();
    assertThat(report.answered()).isPositive();
    assertThat(report.fates()).containsKeys("joined", "repeated");
    assertThat(report.fates().values().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(report.labels());
  }

  /** A drill that cannot fail says nothing. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aBrokenPromiseIsNoticed(Sabotage sabotage) throws IOException, InterruptedException {
    DrillReport report = new KillDrill(new DrillOptions(1, SEED), sabotage, 0, OUT).run();
    OUT.print(report.verdict());
    assertThat(report.good()).isFalse();
    assertThat(String.join("\n", report.faults()))
        .contains(sabotage == Sabotage.SKIP_FSYNC ? "is not what the registry says" : "state of");
  }
}
