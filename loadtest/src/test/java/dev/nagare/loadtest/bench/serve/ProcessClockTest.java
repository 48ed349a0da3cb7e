package dev.nagare.loadtest.bench.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ProcessClockTest {

  @Test
  void workTakesProcessorTimeAndAProcessHasMemory() throws Exception {
    assumeTrue(
        Files.isReadable(Path.of("/proc/self/schedstat")),
        "not here: /proc/self/schedstat, which Linux has");
    var clock = new ProcessClock(ProcessHandle.current().pid());
    double before = clock.cpuSeconds();
    double used = before;
    long turns = 0;
    while (used < before + 0.01 && turns < Long.MAX_VALUE) {
      turns++;
      used = clock.cpuSeconds();
    }
    assertThat(used).isGreaterThan(before);
    assertThat(clock.residentBytes()).isGreaterThan(1 << 20);
  }
}
