package dev.nagare.nn;

import static dev.nagare.nn.Patience.LEAST;
import static dev.nagare.nn.Patience.MOST;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PatienceTest {
  private final Patience patience = new Patience(true);

  @Test
  void theFirstWaitIsShort() {
    assertThat(patience.budget()).isEqualTo(LEAST);
    patience.worked(10 * MOST);
    assertThat(patience.budget()).isEqualTo(LEAST);
  }

  @Test
  void whereWorkFlowsItWaitsForMore() {
    patience.waited(MOST); // slept through, but for a time that it could have been busy
    patience.worked(10 * MOST);
    assertThat(patience.budget()).isEqualTo(MOST);
    patience.waited(MOST / 2);
    assertThat(patience.budget()).isEqualTo(MOST);
  }

  @Test
  void noWaitIsBusyForLongerThanTheThreadHasWorkedSinceItSlept() {
    patience.waited(2 * LEAST);
    patience.worked(3 * LEAST);
    patience.waited(LEAST);
    patience.worked(2 * LEAST);
    assertThat(patience.budget()).isEqualTo(5 * LEAST);
    patience.waited(6 * LEAST); // asleep
    assertThat(patience.budget()).isEqualTo(LEAST);
    patience.worked(2 * LEAST);
    assertThat(patience.budget()).isEqualTo(2 * LEAST);
  }

  @Test
  void afterAPauseItIsShortAgain() {
    patience.waited(LEAST);
    patience.worked(10 * MOST);
    patience.waited(MOST + 1);
    patience.worked(10 * MOST);
    assertThat(patience.budget()).isEqualTo(LEAST);
  }

  /** What a server that answers now and then burns. */
  @Test
  void whoeverIsSeldomCalledBurnsTheLeastEachTime() {
    long burnt = 0;
    for (int call = 0; call < 100; call++) {
      long pause = 4 * MOST;
      burnt += Math.min(patience.budget(), pause);
      patience.waited(pause);
      patience.worked(MOST);
    }
    assertThat(burnt).isEqualTo(100 * LEAST);
  }

  @Test
  void withFewerProcessorsThanThreadsItIsAlwaysShort() {
    var crowded = new Patience(false);
    crowded.waited(LEAST);
    crowded.worked(10 * MOST);
    assertThat(crowded.budget()).isEqualTo(LEAST);
  }
}
