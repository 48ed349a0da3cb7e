package dev.nagare.graph.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RunCostTest {
  private final RunCost cost = new RunCost();

  @Test
  void ofTheFirstRunsTheQuickestCountsAndThenTheMeanFollows() {
    for (int took : new int[] {9000, 5000, 7000, 6000}) {
      cost.ran(took);
    }
    assertThat(cost.nanos()).isEqualTo(5000);
    cost.ran(6600);
    assertThat(cost.nanos()).isEqualTo(5100);
  }

  @Test
  void aPauseOfTheMachineCountsAsFourRuns() {
    ran(4, 1600);
    cost.ran(1_000_000_000);
    assertThat(cost.nanos()).isEqualTo(1900);
  }

  @Test
  void aLongRunIsAlwaysMeasuredAndAShortOneOnceInSixteen() {
    assertThat(wantedOf(160)).isEqualTo(160);
    ran(4, 2_000_000);
    assertThat(wantedOf(160)).isEqualTo(160);
    ran(200, 3000);
    assertThat(wantedOf(160)).isEqualTo(10);
  }

  private void ran(int runs, long took) {
    for (int i = 0; i < runs; i++) {
      cost.ran(took);
    }
  }

  private long wantedOf(int runs) {
    return IntStream.range(0, runs).filter(i -> cost.wantsNext()).count();
  }
}
