package dev.nagare.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.streaming.Terms.Priority;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TermsTest {

  @Test
  void haveADeadlineOnlyIfOneWasGiven() {
    Terms without = Terms.of(Priority.STREAM, 3);
    Terms with = Terms.until(Priority.INTERACTIVE, 1, -5);

    assertThat(without.limited()).isFalse();
    assertThat(without.priority()).isEqualTo(Priority.STREAM);
    assertThat(without.urgency()).isEqualTo(3);
    assertThat(with.limited()).isTrue();
    assertThat(with.deadlineNanos()).isEqualTo(-5);
    assertThatThrownBy(() -> Terms.of(Priority.STREAM, -1)).hasMessageContaining("got -1");
  }

  @Test
  void tellWhoeverWaitsOnceThatTheCallerLeft() {
    var told = new AtomicInteger();
    Terms terms = Terms.of(Priority.INTERACTIVE);
    terms.whenLeft(told::incrementAndGet);
    assertThat(terms.left()).isFalse();

    terms.leave();
    terms.leave();

    assertThat(terms.left()).isTrue();
    assertThat(told).hasValue(1);
  }

  @Test
  void tellAtOnceWhoComesAfterTheCallerLeft() {
    var told = new AtomicInteger();
    Terms terms = Terms.of(Priority.INTERACTIVE);
    terms.leave();
    terms.whenLeft(told::incrementAndGet);
    assertThat(told).hasValue(1);
  }

  @Test
  void tellOnceHoweverLeavingAndWaitingMeet() throws Exception {
    for (int round = 0; round < 2_000; round++) {
      var told = new AtomicInteger();
      Terms terms = Terms.of(Priority.INTERACTIVE);
      var together = new CyclicBarrier(2);
      var leaving =
          new Thread(
              () -> {
                meet(together);
                terms.leave();
              });
      leaving.start();
      meet(together);
      terms.whenLeft(told::incrementAndGet);
      leaving.join();
      assertThat(told).as("round %d", round).hasValue(1);
    }
  }

  private static void meet(CyclicBarrier together) {
    try {
      together.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
