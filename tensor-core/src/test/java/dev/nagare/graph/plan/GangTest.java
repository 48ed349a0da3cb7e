package dev.nagare.graph.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
  @Timeout(60)
  void whoSleepsIsWokenByTheNextRound() {
    Thread caller = Thread.currentThread();
    Thread[] worker = {caller}; // written by the worker before it meets the caller
    try (var gang = new Gang(2)) {
      var runs = new AtomicInteger();
      for (int i = 0; i < 5; i++) {
        if (i > 0) {
          awaitAsleep(worker[0]);
        }
        gang.run(
            lane -> {
              runs.incrementAndGet();
              if (lane == 1) {
                worker[0] = Thread.currentThread();
                awaitAsleep(caller);
              }
              gang.meet(lane);
            });
      }
      assertThat(runs).hasValue(10);
    }
  }

  private static void awaitAsleep(Thread thread) {
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
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
