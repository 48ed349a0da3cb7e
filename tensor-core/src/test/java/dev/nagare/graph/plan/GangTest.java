package dev.nagare.graph.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GangTest {

  @Test
  void lanesMeetAndNoneIsAheadOfTheOthers() {
    for (int lanes = 1; lanes <= 3; lanes++) {
      try (var gang = new Gang(lanes)) {
        int count = lanes;
        var sum = new AtomicInteger();
        var wrong = new AtomicInteger();
        for (int round = 0; round < 200; round++) {
          sum.set(0);
          gang.run(
              lane -> {
                for (int i = 1; i <= 5; i++) {
                  sum.incrementAndGet();
                  gang.meet(lane);
                  if (sum.get() != i * count) {
                    wrong.incrementAndGet();
                  }
                  gang.meet(lane);
                }
              });
        }
        assertThat(wrong).hasValue(0);
        assertThat(sum).hasValue(5 * lanes);
      }
    }
  }

  @Test
  void whoSleepsIsWokenByTheNextRound() throws InterruptedException {
    try (var gang = new Gang(2)) {
      var runs = new AtomicInteger();
      for (int i = 0; i < 5; i++) {
        Thread.sleep(20); // longer than anyone waits busily
        gang.run(
            lane -> {
              runs.incrementAndGet();
              if (lane == 1) {
                sleep();
              }
              gang.meet(lane);
            });
      }
      assertThat(runs).hasValue(10);
    }
  }

  private static void sleep() {
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aClosedGangRefusesWork() {
    var gang = new Gang(2);
    gang.close();
    gang.close();
    assertThatThrownBy(() -> gang.run(lane -> {})).isInstanceOf(IllegalStateException.class);
  }
}
