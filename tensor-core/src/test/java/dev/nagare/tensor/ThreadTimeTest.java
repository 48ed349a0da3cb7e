package dev.nagare.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ThreadTimeTest {

  @Test
  void itPassesWhileTheThreadWorksAndNotWhileItSleeps() throws Exception {
    var time = new ThreadTime();
    long began = time.nanos();
    Thread.sleep(200);
    long slept = time.nanos() - began;
    // Whatever the machine is at, sleep takes none of the processor but what goes into and out of
    // it.
    assertThat(slept).isBetween(0L, 100_000_000L);
    long before = time.nanos();
    long sum = 0;
    while (time.nanos() - before < 20_000_000) {
      sum += System.nanoTime();
    }
    assertThat(sum).isNotZero();
    assertThat(time.nanos()).isGreaterThan(before);
  }
}
